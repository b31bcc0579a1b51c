"""What `import equipoise` gives is written down here, and it loads next to nothing."""

import subprocess
import sys

import pytest

import equipoise

PUBLIC = {"Engine", "Event", "Handle", "__version__", "frames"}

# Who the import may load, and the heavy parts of the standard library that it may not.
MAY_LOAD = {"equipoise"}
MAY_NOT_LOAD = {
    "asyncio",
    "email",
    "http",
    "multiprocessing",
    "socket",
    "sqlite3",
    "ssl",
    "tomllib",
}

REPORT = "import sys; before = set(sys.modules); {}; print(*sorted(set(sys.modules) - before))"


def loaded(statement: str) -> set[str]:
    """The modules that a statement loads into a fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-I", "-c", REPORT.format(statement)],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(run.stdout.split())


def strangers(modules: set[str]) -> set[str]:
    """Top-level modules of third parties that are not on the list."""
    return {m.split(".")[0] for m in modules} - set(sys.stdlib_module_names) - MAY_LOAD


def test_the_public_surface_is_what_is_written_here() -> None:
    assert set(equipoise.__all__) == PUBLIC
    assert all(hasattr(equipoise, name) for name in equipoise.__all__)


def test_nothing_else_becomes_public_by_accident() -> None:
    """Whatever a plain `import equipoise` shows without an underscore is on the list, or is a module."""
    names = {
        n for n, v in vars(equipoise).items() if not n.startswith("_") and type(v) is not type(sys)
    }
    assert names - {"annotations", "TYPE_CHECKING", "import_module"} <= PUBLIC


def test_the_import_loads_next_to_nothing() -> None:
    """So that it stays under 60 ms: the engine's parts are loaded when they are first used."""
    modules = loaded("import equipoise")
    assert strangers(modules) == set()
    assert modules & MAY_NOT_LOAD == set()


@pytest.mark.parametrize("heavy", ["asyncio", "sqlite3", "http.client"])
def test_a_heavy_import_would_be_seen(heavy: str) -> None:
    assert loaded(f"import {heavy}") & MAY_NOT_LOAD


def test_a_stranger_would_be_seen() -> None:
    assert strangers(loaded("import msgspec")) >= {"msgspec"}
