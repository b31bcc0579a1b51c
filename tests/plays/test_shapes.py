"""The page of plays tells every field as the table of shapes does."""

import pytest

from equipoise.plays.fitting import says
from equipoise.plays.reading import check_play
from equipoise.plays.shapes import CAP, COMPARE, GOAL, LIMITS, MOMENT, OPTION, PARTS, PLAY, Record
from style.tree import ROOT

PAGE = (ROOT / "docs/plays.md").read_text("utf-8")
RECORDS = [
    ("", PLAY),
    ("moment.", MOMENT),
    ("options.", OPTION),
    ("goal.", GOAL),
    ("limits.", LIMITS),
    ("limits.per_person.", CAP),
    ("", COMPARE),
]


@pytest.mark.parametrize(("prefix", "record"), RECORDS)
def test_every_field_has_its_row_with_what_stands_there_and_what_it_is(prefix: str, record: Record):
    for field in record.fields:
        row = f"| `{prefix}{field.name}` | {says(field.shape)} | "
        line = next((line for line in PAGE.splitlines() if line.startswith(row)), "")
        assert line, f"docs/plays.md needs a row that begins with {row}"
        assert field.help in line


def test_the_page_tells_no_field_that_is_not_there():
    told = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}
    there = {f"{prefix}{field.name}" for prefix, record in RECORDS for field in record.fields}
    assert told - there == {
        "Goal.window_days",
        "Goal.early_days",
        "Option.content",
        "Play.version",
    }
    assert {f"options.{part}" for part in PARTS} <= there


def test_the_play_on_the_page_is_a_good_one():
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    checked = check_play(text)
    assert checked.mistakes == []
    assert checked.play is not None


def test_the_python_on_the_page_runs():
    exec(PAGE.split("```python\n")[1].split("```")[0], {"print": str})
