"""`make bench`: the benchmarks of this folder; each gives a table of (what, figure, target), or tells it.

`python bench intake ask` runs only those. Machines differ and are shared: read ratios before figures.
"""

import importlib
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))


def main() -> None:
    folder = Path(__file__).parent
    wanted = sys.argv[1:] or ["start", "intake", "ask", "decide"]
    console = Console()
    console.print(f"Python {platform.python_version()}, {platform.machine()}")
    for name in wanted:
        if not (folder / f"bench_{name}.py").exists():
            there = ", ".join(sorted(file.stem[6:] for file in folder.glob("bench_*.py")))
            console.print(f"there is no benchmark {name!r}; there are {there}")
            raise SystemExit(2)
        module = importlib.import_module(f"bench_{name}")
        console.print((module.__doc__ or name).splitlines()[0], style="bold")
        table = Table()
        for heading, side in (("what", "left"), ("median", "right"), ("target", "right")):
            table.add_column(heading, justify=side)
        for row in module.main() or ():
            table.add_row(*row)
        if table.rows:  # some tell their figures themselves
            console.print(table)


if __name__ == "__main__":
    main()
