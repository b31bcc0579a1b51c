"""Whatever is public is told in a sentence, and every example in a docstring runs."""

import ast
import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import equipoise
from style.tree import PACKAGE, ROOT, AnyFunction, all_well, named, parse, python_files, written

SHORTEST_WORDS = 2


def _public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def _complaint(place: str, text: str | None) -> list[str]:
    if not text:
        return [f"{place} has no docstring"]
    if len(text.split()) < SHORTEST_WORDS:
        return [
            f"{place} says only {text!r}; say what it gives, in which units, and what it raises"
        ]
    return []


def _inside_a_function(tree: ast.Module) -> set[int]:
    return {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, AnyFunction)
        for inner in ast.walk(outer)
        if inner is not outer
    }


def _second_half(node: ast.AST) -> bool:
    """True for a setter and an overload: the other half of a name that is told already."""
    marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", [])]
    return any(mark.endswith(".setter") or mark.split(".")[-1] == "overload" for mark in marks)


def check_docstrings(root: Path) -> list[str]:
    """Public modules, classes, functions and methods without a docstring of two words or more."""
    complaints = []
    for path in python_files(root, PACKAGE.as_posix()):
        tree = parse(root, path)
        if not path.stem.startswith("_") or path.stem == "__init__":
            complaints += _complaint(path.as_posix(), ast.get_docstring(tree))
        local = _inside_a_function(tree)
        for name, node in named(tree):
            if _public(name) and id(node) not in local and not _second_half(node):
                complaints += _complaint(f"{path.as_posix()}::{name}", ast.get_docstring(node))
    return complaints


def test_every_public_name_has_a_docstring() -> None:
    all_well(check_docstrings(ROOT))


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n",
        '"""A module of ours."""\n\n\ndef f():\n    return 1\n',
        '"""A module of ours."""\n\n\nclass A:\n    x = 1\n',
        '"""A module of ours."""\n\n\nclass A:\n    """A thing of ours."""\n\n    async def f(self): ...\n',
        '"""A module of ours."""\n\n\ndef f():\n    """Runs."""\n',
    ],
)
def test_a_missing_sentence_fires(tmp_path: Path, text: str) -> None:
    assert len(check_docstrings(written(tmp_path, {"src/equipoise/a.py": text}))) == 1


def test_what_is_private_or_inside_a_function_needs_none(tmp_path: Path) -> None:
    text = '"""A module of ours."""\n\n\ndef _f():\n    def g(): ...\n\n\nclass _A:\n    def f(self): ...\n'
    assert check_docstrings(written(tmp_path, {"src/equipoise/a.py": text})) == []


MODULES = [m.name for m in pkgutil.walk_packages(equipoise.__path__, "equipoise.")]


def failures(name: str, text: str) -> int:
    """How many examples of a docstring do not give what they say."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    return doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None).failed


@pytest.mark.parametrize("name", [m for m in MODULES if not m.endswith("__main__")])
def test_the_examples_of_a_module_run_as_written(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_a_false_example_fires() -> None:
    assert failures("true", ">>> 1 + 1\n2\n") == 0
    assert failures("false", ">>> 1 + 1\n3\n") == 1
