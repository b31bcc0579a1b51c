"""The commands: `equipoise serve`, `town`, `init`, `doctor` and the others; see `docs/commands.md`."""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line (that of the process by default) and return its exit code."""
    # Loaded here, so that whoever imports the package does not pay for the commands.
    from equipoise.cli.running import run

    return run(sys.argv[1:] if words is None else words)
