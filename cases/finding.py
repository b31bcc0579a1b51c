"""Where the public data of the case studies lies, which is not part of the repository."""

import os
from pathlib import Path

import msgspec

VARIABLE = "EQUIPOISE_DATA"
"""The environment variable that may name the folder of the data."""


class Options(msgspec.Struct, frozen=True):
    """What a case study may be asked: how much of the data to take (0: all), and where it lies."""

    most: int = 0
    data: Path | None = None


def find(name: str, options: Options) -> Path | None:
    """A data file such as `hillstrom/hillstrom.csv.gz`, or None where it is not on this machine.

    Looked for in the folder that is given, in that of the variable, else in `shared/data` and
    `data` beside the repository and above it.
    """
    given = options.data or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    here = Path(__file__).resolve().parents
    above = [folder / place / "data" for folder in here for place in ("shared", ".")]
    folders = [given] if given else above
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def absent(name: str) -> str:
    """The message of a case study whose data is not there."""
    return (
        f"SKIPPED: {name} is not on this machine. Put it into a folder and name that folder with "
        f"--data FOLDER or the variable {VARIABLE}"
    )
