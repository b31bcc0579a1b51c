"""The tests mirror `src/`: who looks for the tests of a file finds them at once, and none is without."""

from pathlib import Path

import pytest

from style.tree import PACKAGE, ROOT, code_lines, python_files, written

# Folders of tests that look at more than one room.
JOURNEYS = {
    "style": "the checks of the house",
    "journeys": "walks through the whole house: crash, quickstart, start-up",
    "sdk_node": "the Node client libraries against the server",
    "sdk_python": "the Python client libraries against the server",
}
# Nothing happens in these, so their tests are those of the rooms that use them.
NOT_TESTED_ALONE = {"nouns", "ports", "__init__", "__main__"}
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


def check_files(root: Path) -> list[str]:
    """Files of the package with something to test that no test file stands for.

    `src/equipoise/a/b.py` is tested in `tests/a/test_b.py`, `tests/a/test_b_SOMETHING.py` or a file
    beside them that imports it.
    """
    complaints = []
    for path in python_files(root, PACKAGE.as_posix()):
        inside = path.relative_to(PACKAGE).with_suffix("")
        if NOT_TESTED_ALONE & set(inside.parts) or len(code_lines(root, path)) < BIG_ENOUGH_LINES:
            continue
        beside = [
            *python_files(root, (Path("tests") / inside.parts[0]).as_posix()),
            Path("tests", f"test_{inside.parts[0]}.py"),
        ]
        module = ".".join(("equipoise", *inside.parts))
        package, _, name = module.rpartition(".")
        if not any(
            test.stem == f"test_{inside.name}"
            or test.stem.startswith(f"test_{inside.name}_")
            or module in (text := (root / test).read_text("utf-8"))
            or (f"from {package} import" in text and name in text)
            for test in beside
            if (root / test).is_file()
        ):
            complaints.append(
                f"{path} has no test: write tests/{inside.parent}/test_{inside.name}.py"
            )
    return complaints


def test_every_folder_of_tests_mirrors_a_room() -> None:
    assert check_folders(ROOT) == []


def test_every_file_has_its_tests() -> None:
    assert check_files(ROOT) == []


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
        ("tests/act/test_outbox_order.py", "", 0),
        ("tests/act/test_sending.py", "from equipoise.act import outbox\n", 0),
        ("tests/act/test_sending.py", "from equipoise.act.outbox import a\n", 0),
        ("tests/act/test_other.py", "", 1),
        ("tests/decide/test_outbox.py", "", 1),
    ],
)
def test_a_file_without_a_test_fires(tmp_path: Path, test: str, text: str, complaints: int) -> None:
    root = written(tmp_path, {"src/equipoise/act/outbox.py": LONG, test: text})
    assert len(check_files(root)) == complaints
