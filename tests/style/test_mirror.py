"""The tests mirror `src/`: who looks for the tests of a file finds them at once, and none is without."""

import ast
from pathlib import Path

import pytest

from style.tree import PACKAGE, ROOT, all_well, code_lines, parse, python_files, written

# Folders of tests that look at more than one room.
JOURNEYS = {
    "style": "the checks of the house",
    "journeys": "walks through the whole house: crash, quickstart, start-up",
    "sdk_node": "the Node client libraries against the server",
    "sdk_python": "the Python client libraries against the server",
}
# Nothing happens in these, so their tests are those of the rooms that use them.
NOT_TESTED_ALONE = {"nouns", "ports", "kept", "__init__", "__main__"}
BIG_ENOUGH_LINES = 40


def check_folders(root: Path) -> list[str]:
    """Folders of tests without a twin under `src/equipoise`."""
    folders = {
        p.relative_to("tests").parts[0] for p in python_files(root, "tests") if len(p.parts) > 2
    }
    twins = {p.relative_to(PACKAGE).parts[0] for p in python_files(root, PACKAGE.as_posix())}
    strange = sorted(folders - {t.removesuffix(".py") for t in twins} - set(JOURNEYS))
    return [
        f"tests/{name} mirrors nothing in {PACKAGE}; name it for the room it tests"
        for name in strange
    ]


def imported(root: Path, path: Path) -> set[str]:
    """The dotted names that a file imports; `from a.b import c` gives both `a.b` and `a.b.c`."""
    names: set[str] = set()
    for node in ast.walk(parse(root, path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def module(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def stands_for(test: Path, path: Path) -> bool:
    """True where a test file is named after a file, or after the folder that the file is in."""
    names = [path.stem, *path.relative_to(PACKAGE).parts[1:-1]]
    return any(
        test.stem == f"test_{name}" or test.stem.startswith(f"test_{name}_") for name in names
    )


def reached(root: Path, room: str) -> set[str]:
    """The files of a room that its tests name or import, and those of the room that these import."""
    inside = python_files(root, (PACKAGE / room).as_posix())
    inside += [p for p in (PACKAGE / f"{room}.py",) if (root / p).is_file()]
    folder = "tests" if room == "testing" else f"tests/{room}"
    tests = python_files(root, folder)
    tests += [p for p in (Path("tests", f"test_{room}.py"),) if (root / p).is_file()]
    spoken = set().union(*(imported(root, test) for test in tests))
    found = {
        module(p) for p in inside if module(p) in spoken or any(stands_for(t, p) for t in tests)
    }
    imports = {module(p): imported(root, p) & {module(q) for q in inside} for p in inside}
    fresh = found
    while fresh:
        fresh = set().union(*(imports[name] for name in fresh)) - found
        found = found | fresh
    return found


def check_files(root: Path) -> list[str]:
    """Files of the package with something to test that the tests of their own room do not reach.

    The tests of `src/equipoise/a/b.py` are in `tests/a/`; those of `src/equipoise/b.py` are
    `tests/test_b.py`. What a tested file of the same room imports is tested with it.
    """
    complaints = []
    known: dict[str, set[str]] = {}
    for path in python_files(root, PACKAGE.as_posix()):
        inside = path.relative_to(PACKAGE).with_suffix("")
        if NOT_TESTED_ALONE & set(inside.parts) or len(code_lines(root, path)) < BIG_ENOUGH_LINES:
            continue
        room = inside.parts[0]
        if room not in known:
            known[room] = reached(root, room)
        if module(path) not in known[room]:
            wanted = Path("tests", *inside.parts[:-1], f"test_{inside.name}.py")
            complaints.append(f"{path} is reached by no test of its room; write {wanted}")
    return complaints


def test_every_folder_of_tests_mirrors_a_room() -> None:
    all_well(check_folders(ROOT))


def test_every_file_has_its_tests() -> None:
    all_well(check_files(ROOT))


LONG = "".join(f"a{i} = {i}\n" for i in range(BIG_ENOUGH_LINES))


def test_a_folder_without_a_twin_fires(tmp_path: Path) -> None:
    files = {
        "src/equipoise/act/a.py": "",
        "tests/acting/test_a.py": "",
        "tests/style/test_b.py": "",
    }
    complaints = check_folders(written(tmp_path, files))
    assert complaints == [
        f"tests/acting mirrors nothing in {PACKAGE}; name it for the room it tests"
    ]


@pytest.mark.parametrize(
    ("test", "text", "complaints"),
    [
        ("tests/act/test_outbox.py", "", 0),
        ("tests/act/test_sending.py", "import equipoise.act.sending\n", 0),
        ("tests/act/test_outbox_order.py", "", 0),
        ("tests/act/test_sending.py", "from equipoise.act import outbox\n", 0),
        ("tests/act/test_sending.py", "from equipoise.act.outbox import a\n", 0),
        ("tests/act/test_other.py", "", 1),
        ("tests/decide/test_outbox.py", "", 1),
    ],
)
def test_a_file_without_a_test_fires(tmp_path: Path, test: str, text: str, complaints: int) -> None:
    files = {
        "src/equipoise/act/outbox.py": LONG,
        "src/equipoise/act/sending.py": "from equipoise.act.outbox import a1\n",
        test: text,
    }
    assert len(check_files(written(tmp_path, files))) == complaints


def test_a_file_of_a_folder_is_tested_by_the_tests_named_for_the_folder(tmp_path: Path) -> None:
    files = {"src/equipoise/stores/sqlite/files.py": LONG, "tests/stores/test_sqlite_crash.py": ""}
    assert check_files(written(tmp_path, files)) == []
    files = {"src/equipoise/stores/postgres/files.py": LONG}
    assert len(check_files(written(tmp_path, files))) == 1
