"""`make cases`: the case studies on public data; one whose data is absent says so.

`python cases hillstrom --customers 2000` runs one of them on the first rows.
"""

import argparse
import importlib
import sys
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent))

from finding import Options

STUDIES = (
    *("hillstrom", "retail", "coverage", "open_bandit", "cdnow", "effects", "rehearsal"),
    *("learning", "joins", "aggregates"),
)


def main(words: list[str]) -> None:
    """Run the studies that are named, or all of them."""
    asked = argparse.ArgumentParser(prog="cases", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="STUDY", help=f"one of {', '.join(STUDIES)}")
    asked.add_argument("--customers", type=int, default=0, metavar="N", help="only the first N")
    asked.add_argument("--data", type=Path, metavar="FOLDER", help="where the data lies")
    told = asked.parse_args(words)
    if unknown := set(told.names) - set(STUDIES):
        asked.error(f"there is no study {min(unknown)!r}; there are {', '.join(STUDIES)}")
    console = Console(width=None if sys.stdout.isatty() else 120)
    for name in told.names or STUDIES:
        study = importlib.import_module(name)
        console.rule(f"[bold]{name}")
        console.print((study.__doc__ or "").strip(), highlight=False)
        study.main(Options(told.customers, told.data), console)


if __name__ == "__main__":
    main(sys.argv[1:])
