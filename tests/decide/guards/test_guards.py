"""All guards together: found by walking, examined alike, and none gives way to a prohibition."""

import re
from pathlib import Path

import pytest

from equipoise.decide.guards import find_guards
from equipoise.testing.exams_decide import examine_guard

PAGES = Path(__file__).parents[3] / "docs" / "guards"
GUARDS = dict(find_guards())


def test_every_file_of_the_folder_is_a_guard_found_once_in_order():
    names = [name for name, _ in find_guards()]
    assert names == sorted(names)
    assert set(names) >= {
        "address",
        "aims",
        "audience",
        "belonging",
        "dignity",
        "holdout",
        "intelligence",
        "limits",
        "presence",
        "rights",
        "terms",
    }
    assert find_guards() is find_guards()


@pytest.mark.parametrize("name", GUARDS)
def test_every_guard_passes_the_exam_and_is_seen_to_allow_and_to_fire(name):
    reasons = examine_guard(name, GUARDS[name])
    assert "allowed" in reasons
    assert len(reasons) > 1


@pytest.mark.parametrize("name", GUARDS)
def test_the_page_of_a_guard_tells_every_reason_that_its_exam_gives(name):
    told = re.findall(r"^\| `([a-z_]+)`", (PAGES / f"{name}.md").read_text("utf-8"), re.MULTILINE)
    assert examine_guard(name, GUARDS[name]) - {"allowed"} <= set(told)
