"""A page that names the test behind a promise names one that is there."""

import ast
import re
from pathlib import Path

import pytest

from style.tree import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = ("docs/security.md", "docs/terms.md")


def names_in(path: Path) -> set[str]:
    """The functions and classes of a file of tests, methods and assigned state machines too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
    return found


def missing(text: str, root: Path) -> list[str]:
    """The tests that a text names and that are not there."""
    return [
        f"{path}::{name}"
        for path, name in NAMED.findall(text)
        if not (root / path).is_file() or name not in names_in(root / path)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_is_there(page):
    text = (ROOT / page).read_text("utf-8")
    assert NAMED.search(text), f"{page} names no test"
    assert not missing(text, ROOT)


def test_a_test_that_is_gone_is_noticed():
    told = "`tests/style/test_promises.py::{}`"
    assert not missing(told.format("test_a_test_that_is_gone_is_noticed"), ROOT)
    assert missing(told.format("test_nothing"), ROOT)
    assert missing("`tests/nowhere.py::test_x`", ROOT)
