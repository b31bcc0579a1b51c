"""A file, folder or class is named for what it does, never for how handy it is."""

import ast
import re
from pathlib import Path

import pytest

from style.tree import ROOT, all_well, named, parse, python_files, written

BANNED = {
    "abstract",
    "base",
    "common",
    "core",
    "helper",
    "helpers",
    "lib",
    "manager",
    "managers",
    "misc",
    "service",
    "services",
    "shared",
    "stuff",
    "util",
    "utilities",
    "utils",
}


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}


def check_names(root: Path) -> list[str]:
    """Paths and classes whose name has a word that says nothing."""
    complaints = []
    for path in python_files(root, "src", "tests", "bench", "cases"):
        for part in path.with_suffix("").parts:
            if empty := words(part) & BANNED:
                complaints.append(f"{path}: '{min(empty)}' says nothing; name what it does")
        for name, node in named(parse(root, path)):
            if isinstance(node, ast.ClassDef) and (empty := words(node.name) & BANNED):
                complaints.append(f"{path}::{name}: '{min(empty)}' says nothing; name what it does")
    return complaints


def test_every_name_says_what_the_thing_does() -> None:
    all_well(check_names(ROOT))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/equipoise/utils.py", ""),
        ("src/equipoise/common/a.py", ""),
        ("src/equipoise/store_helpers.py", ""),
        ("tests/helper.py", ""),
        ("src/equipoise/a.py", "class PlayManager:\n    class Inner: ...\n"),
        ("src/equipoise/a.py", "class A:\n    class BaseStore: ...\n"),
    ],
)
def test_an_empty_name_fires(tmp_path: Path, path: str, text: str) -> None:
    assert len(check_names(written(tmp_path, {path: text}))) == 1


def test_a_word_inside_a_word_is_no_empty_name(tmp_path: Path) -> None:
    files = {"src/equipoise/database.py": "class Scoreboard: ...\nclass Coreference: ...\n"}
    assert check_names(written(tmp_path, files)) == []
