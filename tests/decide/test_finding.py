"""What stands on a shelf is found by walking; what is missing there is said."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from equipoise.decide.finding import NotFound, find


@pytest.fixture
def shelf(tmp_path, request):
    """Write a package of these files, import it, and forget it afterwards."""
    folder = f"shelf_{request.node.name.split('[')[0]}"
    sys.path.insert(0, str(tmp_path))

    def put(files: dict[str, str], points: str = ""):
        (tmp_path / folder).mkdir()
        for name, text in {"__init__.py": "", **files}.items():
            (tmp_path / folder / name).write_text(text, "utf-8")
        if points:
            info = tmp_path / f"{folder}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder}\nVersion: 1.0\n")
            (info / "entry_points.txt").write_text(f"[{folder}]\n{points}\n", "utf-8")
        return import_module(folder)

    yield put
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == folder]:
        del sys.modules[name]


def found(package) -> dict:
    """Everything on a shelf and in the entry point group of its name."""
    return dict(find(package, package.__name__))


def test_every_file_gives_what_it_is_named_for(shelf):
    package = shelf({"one.py": "def one(): ...", "two.py": "def two(): ...", "_hidden.py": "1/0"})
    assert list(found(package)) == ["one", "two"]


def test_a_file_without_its_function_is_an_error(shelf):
    package = shelf({"one.py": "def won(): ...\n"})
    with pytest.raises(NotFound, match=r"\.one: needs one function or class called 'one'"):
        found(package)


def test_others_are_found_by_entry_points(shelf):
    package = shelf({"one.py": "def one(): ..."}, "mine = pathlib:Path")
    assert found(package)["mine"] is Path


def test_nobody_can_take_the_place_of_ours(shelf):
    package = shelf({"one.py": "def one(): ..."}, "one = pathlib:Path")
    with pytest.raises(NotFound, match=r"'one' of .* the name is taken"):
        found(package)


@pytest.mark.parametrize("target", ["not_there_at_all:x", "pathlib:NotThere"])
def test_an_entry_point_that_cannot_be_loaded_is_an_error_and_not_left_out(shelf, target):
    package = shelf({}, f"mine = {target}")
    with pytest.raises(NotFound, match=r"'mine' .* cannot be loaded"):
        found(package)
