"""Only an outermost loop catches everything, and only with a test that sees it happen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from style.test_manners import dotted
from style.tree import ROOT, AnyFunction, all_well, named, parse, python_files, read_toml, written

ALLOWED = "tests/style/broad_excepts.toml"
BROAD = {"Exception", "BaseException"}


def _catches_all(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
            return False  # tidies up and lets it pass
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(kind is None or dotted(kind) in BROAD for kind in kinds)
    if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "suppress":
        return any(dotted(kind) in BROAD for kind in node.args)
    return False


def places(root: Path, path: Path) -> Iterator[str]:
    """`PATH::function` for each place of the file that catches everything, innermost function named."""
    tree = parse(root, path)
    owners: dict[int, str] = {}
    for name, node in named(tree):
        if isinstance(node, AnyFunction):
            owners.update((id(inner), name) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if _catches_all(node):
            yield f"{path.as_posix()}::{owners.get(id(node), '')}"


def check_excepts(root: Path) -> list[str]:
    """Broad excepts that are not on the list, entries of the list without a place or a test."""
    allowed = read_toml(root / ALLOWED).get("allowed", {})
    found = {p for path in python_files(root, "src") for p in places(root, path)}
    complaints = [
        f"{place} catches everything; name the errors, or give it a test and a line in {ALLOWED}"
        for place in sorted(found - set(allowed))
    ]
    complaints += [
        f"{ALLOWED}: {p} catches nothing broad any more" for p in sorted(set(allowed) - found)
    ]
    for place, test in allowed.items():
        file, _, name = str(test).partition("::")
        tests = [n for n, _ in named(parse(root, Path(file)))] if (root / file).is_file() else []
        if name not in tests:
            complaints.append(f"{ALLOWED}: the test of {place}, {test}, does not exist")
    return complaints


def test_only_an_outermost_loop_with_a_test_catches_everything() -> None:
    all_well(check_excepts(ROOT))


@pytest.mark.parametrize(
    "caught",
    [
        "try:\n        g()\n    except Exception:\n        pass",
        "try:\n        g()\n    except (ValueError, BaseException):\n        pass",
        "try:\n        g()\n    except:\n        pass",
        "with contextlib.suppress(Exception):\n        g()",
    ],
)
def test_catching_everything_fires(tmp_path: Path, caught: str) -> None:
    complaints = check_excepts(
        written(tmp_path, {"src/equipoise/a.py": f"def f():\n    {caught}\n"})
    )
    assert len(complaints) == 1
    assert complaints[0].startswith("src/equipoise/a.py::f catches everything")


def listed(test: str) -> str:
    """An allow-list with one place and its test."""
    return f'[allowed]\n"src/equipoise/a.py::f" = "{test}"\n'


LOOP = "def f():\n    try:\n        g()\n    except Exception:\n        pass\n"


def test_a_listed_loop_passes_while_its_test_exists(tmp_path: Path) -> None:
    files = {
        "src/equipoise/a.py": LOOP,
        "tests/test_a.py": "def test_f_goes_on(): ...\n",
        ALLOWED: listed("tests/test_a.py::test_f_goes_on"),
    }
    assert check_excepts(written(tmp_path, files)) == []
    files |= {ALLOWED: listed("tests/test_a.py::test_gone")}
    assert "does not exist" in check_excepts(written(tmp_path, files))[0]


def test_a_listed_loop_that_is_gone_must_leave_the_list(tmp_path: Path) -> None:
    files = {
        "src/equipoise/a.py": "",
        "tests/a.py": "def t(): ...\n",
        ALLOWED: listed("tests/a.py::t"),
    }
    assert check_excepts(written(tmp_path, files)) == [
        f"{ALLOWED}: src/equipoise/a.py::f catches nothing broad any more"
    ]


def test_tidying_up_and_raising_again_is_no_catching(tmp_path: Path) -> None:
    text = "try:\n    g()\nexcept BaseException:\n    h()\n    raise\n"
    assert check_excepts(written(tmp_path, {"src/equipoise/a.py": text})) == []
