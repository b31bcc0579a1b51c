"""Code and docs tell the same story: what exists has its page or row, and no page outlives its thing."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from equipoise.nouns import plays
from equipoise.settings import SETTINGS, Setting
from style.tree import PACKAGE, ROOT, all_well, parse, python_files, written

# Folders that hold interchangeable things of one shape, and where each has its page.
SHELVES = {
    "decide/guards": "docs/guards",
    "decide/choosers": "docs/choosers",
    "senders": "docs/senders",
}
# Folders of the package that are no rooms, and where they are told instead.
NO_ROOMS = {"nouns": "docs/architecture.md", "cli": "docs/commands.md"}
PLAY_RECORDS = (plays.Play, plays.Option, plays.Goal, plays.Trigger, plays.Limits, plays.Cap)
REASON_TAKERS = {"Verdict", "Refused", "Silence", "allow", "hold", "refuse", "review", "silence"}


def _compare(things: Iterable[str], told: Iterable[str], place: str) -> list[str]:
    have, said = set(things), set(told)
    missing = [f"{name} is in the code and not told in {place}" for name in sorted(have - said)]
    return missing + [
        f"{name} is told in {place} and no longer in the code" for name in sorted(said - have)
    ]


def pages(root: Path, folder: str) -> set[str]:
    """The names of the pages in a folder of the docs."""
    return {p.stem for p in (root / folder).glob("*.md") if p.stem not in {"README", "index"}}


def rows(root: Path, page: str) -> set[str]:
    """The names told on a page: what stands in backticks at the start of a table row or a heading."""
    text = (root / page).read_text("utf-8") if (root / page).is_file() else ""
    return set(re.findall(r"^(?:\|\s*|#+\s+)`([^`]+)`", text, re.MULTILINE))


def check_rooms(root: Path) -> list[str]:
    """Rooms without a page under docs/rooms, and pages without a room."""
    files = [p.relative_to(PACKAGE) for p in python_files(root, PACKAGE.as_posix())]
    rooms = {p.parts[0] for p in files if len(p.parts) > 1} - set(NO_ROOMS)
    return _compare(rooms, pages(root, "docs/rooms"), "docs/rooms")


def check_shelves(root: Path) -> list[str]:
    """Guards, choosers and senders without a page, and pages without a thing."""
    complaints = []
    for shelf, folder in SHELVES.items():
        things = {
            p.stem
            for p in (root / PACKAGE / shelf).glob("*")
            if not p.stem.startswith("_") and (p.suffix == ".py" or (p / "__init__.py").is_file())
        }
        complaints += _compare(things, pages(root, folder), folder)
    return complaints


def reason_codes(root: Path) -> set[str]:
    """Every reason code written in the code: what a verdict, a refusal or a silence is given."""
    codes: set[str] = set()
    for path in python_files(root, PACKAGE.as_posix()):
        for node in ast.walk(parse(root, path)):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).split(".")[-1] in REASON_TAKERS
            ):
                given = [k.value for k in node.keywords if k.arg in {"reason", "code"}]
                codes.update(
                    value.value
                    for value in given
                    if isinstance(value, ast.Constant) and isinstance(value.value, str)
                )
    return codes


def test_every_room_has_its_page() -> None:
    all_well(check_rooms(ROOT))


def test_every_guard_chooser_and_sender_has_its_page() -> None:
    all_well(check_shelves(ROOT))


def setting_row(setting: Setting) -> str:
    """The row that tells a setting: its name, its default as TOML has it, and its help."""
    plain = setting.default
    default = str(plain).lower() if isinstance(plain, bool) else str(plain)
    return f"| `{setting.name}` | {default and f'`{default}`'} | {setting.help} |"


def test_every_setting_has_its_row_with_its_default_and_help() -> None:
    names = [setting.name for setting in SETTINGS]
    all_well(_compare(names, rows(ROOT, "docs/settings.md"), "docs/settings.md"))
    told = (ROOT / "docs/settings.md").read_text("utf-8").splitlines()
    all_well([row for row in map(setting_row, SETTINGS) if row not in told])


def test_every_field_of_a_play_has_its_row() -> None:
    fields = {f.name for record in PLAY_RECORDS for f in msgspec.structs.fields(record)}
    missing = fields - {name.split(".")[-1] for name in rows(ROOT, "docs/plays.md")}
    all_well(sorted(missing))


def test_every_reason_code_has_its_row() -> None:
    missing = reason_codes(ROOT) - rows(ROOT, "docs/reasons.md")
    all_well(sorted(missing))


@pytest.mark.parametrize(
    ("code", "page", "complaint"),
    [
        ("act/outbox.py", "docs/rooms/decide.md", "act is in the code and not told"),
        ("decide/guards/terms.py", "docs/rooms/decide.md", "terms is in the code and not told"),
        ("decide/deciding.py", "docs/rooms/attic.md", "attic is told in docs/rooms and no longer"),
        ("decide/deciding.py", "docs/guards/gone.md", "gone is told in docs/guards and no longer"),
    ],
)
def test_what_is_not_told_or_no_longer_there_fires(
    tmp_path: Path, code: str, page: str, complaint: str
) -> None:
    root = written(tmp_path, {f"{PACKAGE}/{code}": "", page: "# A page\n"})
    complaints = check_rooms(root) + check_shelves(root)
    assert any(complaint in c for c in complaints), complaints


def test_rows_are_read_from_tables_and_headings(tmp_path: Path) -> None:
    text = "| name | default |\n|---|---|\n| `store` | `sqlite:x` |\n### `port`\nand `not.this`\n"
    assert rows(written(tmp_path, {"docs/a.md": text}), "docs/a.md") == {"store", "port"}
    assert _compare({"store"}, {"store", "port"}, "a") == [
        "port is told in a and no longer in the code"
    ]


def test_a_reason_code_is_found_wherever_it_is_given(tmp_path: Path) -> None:
    text = 'a = Verdict("hold", reason="quiet_hours")\nb = events.Refused(code="too_big", message="")\n'
    assert reason_codes(written(tmp_path, {f"{PACKAGE}/a.py": text})) == {"quiet_hours", "too_big"}
