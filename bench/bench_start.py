"""Start to first answer, the cost of the import, and memory at rest."""

import statistics
import subprocess
import sys

from served import House

IMPORT = (
    "import time; began = time.perf_counter(); import equipoise; print(time.perf_counter() - began)"
)


def main(rounds: int = 5) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    ready, memory = [], []
    for _ in range(rounds):
        with House() as house:
            ready.append(house.ready_s)
            memory.append(house.memory_mb())
    imports = [
        1000
        * float(
            subprocess.run(
                [sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(rounds)
    ]
    median = statistics.median
    door, step = (median(one[name] for one in memory) for name in ("door", "step"))
    return [
        ("start to first answer, s", f"{median(ready):.2f}", "1"),
        ("import equipoise, ms", f"{median(imports):.1f}", "60"),
        ("memory at rest, door + step, MB", f"{door + step:.0f} ({door:.0f} + {step:.0f})", "120"),
    ]
