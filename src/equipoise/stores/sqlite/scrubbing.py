"""What a page of a file does not use any more is zeroed on its way into the file.

SQLite overwrites what it deletes (`secure_delete`), but where it moves rows between neighbouring pages it
leaves copies in the gap between the numbers and the rows of a page. Nobody reads them, and whoever holds
the file can. In WAL mode a page enters the file only when the log is copied into it, so that is done through
a file system of our own that zeroes the gap. The layout of pages is told in SQLite's "Database File Format".
"""

from pathlib import Path
from typing import Any

import apsw

VFS = "equipoise-scrubbing"
"""The name under which SQLite knows it; pass it as `vfs` to a connection that copies the log."""

PAGE_BYTES = 4096
_INNER = (2, 5)
_LEAVES = (10, 13)
_FILE_HEADER = 100

MOST_BYTES = 1 << 37
"""Up to 128 GB no page that begins with a number looks like a b-tree page; beyond, nothing is zeroed."""


def gap(page: bytes | memoryview, begin: int = 0) -> tuple[int, int]:
    """Where the unused middle of a b-tree page begins and ends; (0, 0) for a page of another kind.

    `begin` is 100 on the first page of a file, whose head is the file's own. A page of another kind that
    happens to look like one is left alone unless its counts fit.
    """
    kind = page[begin]
    if kind not in _INNER and kind not in _LEAVES:
        return 0, 0
    cells = page[begin + 3] << 8 | page[begin + 4]
    content = page[begin + 5] << 8 | page[begin + 6]
    first = begin + (12 if kind in _INNER else 8) + 2 * cells
    return (first, content) if first < content <= len(page) else (0, 0)


class _Scrubbed(apsw.VFSFile):
    """A file whose b-tree pages lose what their gaps hold as they are written."""

    def __init__(self, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._is_main = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_DB) and self.xFileSize() < MOST_BYTES

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's own name
        """Write, with the gap zeroed where it is a page of the main file."""
        if offset >= MOST_BYTES:
            self._is_main = False
        if self._is_main and len(data) == PAGE_BYTES:
            data = scrubbed(data, _FILE_HEADER if offset == 0 else 0)
        super().xWrite(data, offset)


def scrubbed(page: bytes, begin: int = 0) -> bytes:
    """The page with its gap zeroed."""
    first, content = gap(page, begin)
    if first == content:
        return page
    return page[:first] + bytes(content - first) + page[content:]


class _Scrubbing(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(VFS, "")

    def xOpen(self, name: Any, flags: list[int]) -> _Scrubbed:  # noqa: N802 - SQLite's own name
        """Open a file of a database."""
        return _Scrubbed(name, flags)


_registered: list[_Scrubbing] = []


def scrubbing() -> str:
    """The name of the file system, which is made known to SQLite the first time."""
    if not _registered:
        _registered.append(_Scrubbing())
    return VFS


def scrub(path: Path) -> None:
    """Zero the gaps of a whole file that nobody has open: one that comes from a backup."""
    with path.open("r+b") as file:
        offset = 0
        while page := file.read(PAGE_BYTES):
            clean = scrubbed(page, _FILE_HEADER if offset == 0 else 0)
            if clean is not page and clean != page:
                file.seek(offset)
                file.write(clean)
            offset += len(page)
            file.seek(offset)
