"""How commands speak: sentences and tables for people, JSON for machines, exit codes for scripts."""

import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

import typer


class Exit(IntEnum):
    """What the exit code of a command means, the same for all of them."""

    WELL = 0
    NOT_WELL = 1
    NOT_SO = 2
    IN_THE_WAY = 3
    INTERRUPTED = 130


class Trouble(Exception):
    """A command cannot go on, for a reason that the person at the terminal can put right."""

    def __init__(self, message: str, code: Exit = Exit.NOT_SO) -> None:
        super().__init__(message)
        self.code = code


STYLES = {"ok": "green", "warn": "yellow", "fault": "bold red", "dim": "dim", "strong": "bold"}
"""The few colours that mean something; NO_COLOR and pipes take them away."""

MARKS = {"ok": "✓", "warn": "!", "fault": "✗"}
"""What stands before a line that was looked at."""


def console(*, error: bool = False) -> Any:
    """A Rich console on standard output (or error) as it is now, in our colours."""
    from rich.console import Console
    from rich.theme import Theme

    return Console(stderr=error, highlight=False, theme=Theme(STYLES))


def say(text: str = "", style: str = "") -> None:
    """One line or paragraph, folded at words; the text is not read as markup."""
    console().print(text, style=style or None, markup=False)


def say_inside(text: str, style: str = "") -> None:
    """A paragraph that is set in by two columns, on every line."""
    from rich.padding import Padding
    from rich.text import Text

    console().print(Padding(Text(text, style=style), (0, 0, 0, 2)))


def say_exactly(text: str, style: str = "") -> None:
    """One line that somebody may copy: never folded, whatever the width."""
    console().print(text, style=style or None, markup=False, soft_wrap=True)


def complain(text: str) -> None:
    """What went wrong, on standard error, with the way out as it stands in the text."""
    console(error=True).print(
        f"{MARKS['fault']} {text}", style="fault", markup=False, soft_wrap=True
    )


def note(text: str) -> None:
    """A remark on standard error, so that what a program reads stays clean."""
    console(error=True).print(text, style="dim", markup=False)


def show_json(value: Any) -> None:
    """A value as indented JSON on standard output, with nothing around it."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2)
    sys.stdout.write(text.decode() + "\n")


def show_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()
) -> None:
    """A table without a frame; the columns named in `right` are set to the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)


def examples(*lines: tuple[str, str]) -> str:
    """The foot of a help page: command lines, each with what it is for."""
    told = [
        f"  [bold]{line}[/bold]" + (f"\n      [dim]{what}[/dim]" if what else "")
        for line, what in lines
    ]
    return "\n".join(["[dim]For example[/dim]", *told])


def leave(code: Exit) -> None:
    """End the command with this exit code, if it is not the good one."""
    if code:
        raise typer.Exit(int(code))


def when(at_ms: int) -> str:
    """A time for reading, in UTC: `2026-03-10 12:00 UTC`."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def size(number: float) -> str:
    """A number of bytes for reading: `1.4 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
