"""Tests patch nothing, sleep never, do not race the clock, and say in a sentence what is true."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from style.tree import ROOT, AnyFunction, all_well, named, parse, python_files, written

CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "time_ns", "monotonic_ns"}
SHORTEST_WORDS = 3
PATCHES = {
    f"{fixture}.{verb}" for fixture in ("monkeypatch", "mocker") for verb in ("setattr", "patch")
}


def dotted(node: ast.AST) -> str:
    """The dotted name of an expression, or nothing where it is no plain name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _patch(node: ast.AST) -> str | None:
    for name in _imported(node):
        if re.fullmatch(r"(unittest\.)?mock(\..*)?|pytest_mock.*", name):
            return f"imports {name}"
    if isinstance(node, ast.Call) and dotted(node.func) in PATCHES:
        return f"calls {dotted(node.func)}"
    if isinstance(node, ast.arg) and node.arg == "mocker":
        return "asks for mocker"
    return None


def _sleep(node: ast.AST) -> str | None:
    for name in _imported(node):
        if name in {"time.sleep", "asyncio.sleep", "anyio.sleep"}:
            return f"imports {name}"
    if isinstance(node, ast.Call) and re.fullmatch(
        r"(time|asyncio|anyio)\.sleep", dotted(node.func)
    ):
        return f"calls {dotted(node.func)}"
    return None


def _reads_a_clock(node: ast.AST) -> bool:
    return any(
        isinstance(call, ast.Call)
        and dotted(call.func).split(".")[-1] in CLOCKS
        and dotted(call.func).split(".")[0] in {"time", *CLOCKS}
        for call in ast.walk(node)
    )


def _races(function: AnyFunction) -> bool:
    """True where an assert compares a span of the wall clock."""
    clocked = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _reads_a_clock(node.value)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    return any(
        isinstance(node, ast.Assert)
        and (
            _reads_a_clock(node.test)
            or any(isinstance(n, ast.Name) and n.id in clocked for n in ast.walk(node.test))
        )
        for node in ast.walk(function)
    )


def _wordless(function: AnyFunction) -> bool:
    said = ast.get_docstring(function) or function.name.removeprefix("test_").replace("_", " ")
    return max(len(said.split()), function.name.count("_")) < SHORTEST_WORDS


def check_manners(root: Path) -> list[str]:
    """Patches, sleeps, races with the clock, and tests that do not say what is true."""
    complaints = []
    for path in python_files(root, "tests"):
        tree = parse(root, path)
        for node in ast.walk(tree):
            line = getattr(node, "lineno", 0)
            if found := _patch(node):
                complaints.append(f"{path}:{line} {found}; hand in a fake from equipoise.testing")
            if found := _sleep(node):
                complaints.append(
                    f"{path}:{line} {found}; wait for what must happen, or hand in a clock"
                )
        for name, node in named(tree):
            if not isinstance(node, AnyFunction) or not node.name.startswith("test_"):
                continue
            if _races(node):
                complaints.append(
                    f"{path}::{name} asserts on the wall clock; benchmarks measure, tests do not"
                )
            if _wordless(node):
                complaints.append(f"{path}::{name} does not say in a sentence what is true")
    return complaints


def test_every_test_keeps_the_manners_of_the_house() -> None:
    all_well(check_manners(ROOT))


# Put together here, so that whoever searches the tests for these finds only real ones.
NAMES = (("unittest", "mock"), ("monkeypatch", "setattr"), ("time", "sleep"))
MOCK, PATCH, SLEEP = map(".".join, NAMES)
GOOD = "def test_{}_is_a_thing_that_is_true():\n    {}\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"from {MOCK} import Mock\n", f"imports {MOCK}.Mock"),
        ("from unittest import mock\n", f"imports {MOCK}"),
        (f"import {MOCK}\n", f"imports {MOCK}"),
        (GOOD.format("x", f"{PATCH}(a, 'b', 1)"), f"calls {PATCH}"),
        ("def test_that_this_one_is_true(mocker): ...\n", "asks for mocker"),
        (GOOD.format("x", f"{SLEEP}(1)"), f"calls {SLEEP}"),
        ("from asyncio import sleep\n", "imports asyncio.sleep"),
        (GOOD.format("x", "assert time.monotonic() < 5"), "wall clock"),
        (GOOD.format("x", "took = time.perf_counter() - a\n    assert took < 5"), "wall clock"),
        ("def test_it(): ...\n", "in a sentence"),
        ('def test_it():\n    """Works."""\n', "in a sentence"),
    ],
)
def test_bad_manners_fire(tmp_path: Path, text: str, complaint: str) -> None:
    complaints = check_manners(written(tmp_path, {"tests/test_a.py": text}))
    assert len(complaints) == 1, complaints
    assert complaint in complaints[0]


def test_good_manners_pass(tmp_path: Path) -> None:
    """An environment variable may be set, a deadline may be waited for, a docstring may be the sentence."""
    text = (
        'def test_it(monkeypatch):\n    """The sum of nothing is nothing."""\n'
        "    monkeypatch.setenv('A', 'b')\n    while time.monotonic() < end:\n        pass\n"
    )
    assert check_manners(written(tmp_path, {"tests/test_a.py": text})) == []
