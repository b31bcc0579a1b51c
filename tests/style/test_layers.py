"""The layer contract holds, names only what exists, and fires when a floor sees one above it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from style.tree import PACKAGE, ROOT, written

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]


def lint(root: Path) -> str:
    """What import-linter says about the tree at `root`, held to the project's own contracts."""
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    script = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [script, "--no-logo", "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "COLUMNS": "400", "PATH": ""},
        check=False,
        capture_output=True,
        text=True,
    )
    return run.stdout + run.stderr


def house(root: Path, **files: str) -> Path:
    """A tiny house that keeps every contract, with some modules (`a__b` is `a/b.py`) written anew."""
    bare = {f"{PACKAGE}/__init__.py": ""}
    for name in names_in_contracts():
        parts = name.split(".")
        for most in range(1, len(parts) + 1):
            bare[f"{PACKAGE}/{'/'.join(parts[:most])}/__init__.py"] = ""
    for name, text in files.items():
        path = Path(PACKAGE, *name.split("__"))
        bare.update({f"{folder}/__init__.py": "" for folder in path.parents[: len(path.parts) - 2]})
        bare[f"{path}.py"] = text
    return written(root, bare)


def names_in_contracts() -> list[str]:
    """The modules and folders of ours that the contracts speak of, without the leading package."""
    told: set[str] = set()
    for contract in CONTRACTS["contracts"]:
        layers = contract.get("layers", [])
        told.update(n for layer in layers for n in re.findall(r"\w+", layer) if n != "__main__")
        for key in ("source_modules", "forbidden_modules", "modules"):
            ours = [m for m in contract.get(key, []) if m.startswith("equipoise.")]
            told.update(
                m.removeprefix("equipoise.").removesuffix(".**").removesuffix(".*") for m in ours
            )
    return sorted(told)


@pytest.mark.parametrize("name", names_in_contracts())
def test_a_contract_speaks_only_of_what_exists_or_is_planned(name: str) -> None:
    """A room in parentheses is planned; once it is there, its parentheses go."""
    path = ROOT / PACKAGE / name.replace(".", "/")
    exists = path.is_dir() or path.with_suffix(".py").is_file()
    layers = " ".join(layer for c in CONTRACTS["contracts"] for layer in c.get("layers", []))
    planned = f"({name.split('.', maxsplit=1)[0]})" in layers
    assert exists != planned, f"{name}: exists {exists}, in parentheses {planned}"


def test_a_house_that_keeps_the_contracts_passes(tmp_path: Path) -> None:
    said = lint(house(tmp_path, engine="import equipoise.decide.deciding", decide__deciding=""))
    assert "0 broken" in said, said


@pytest.mark.parametrize(
    ("files", "broken"),
    [
        ({"decide__a": "import equipoise.recognise.b", "recognise__b": ""}, "Each floor"),
        ({"nouns__a": "import equipoise.ports"}, "Each floor"),
        (
            {
                "engine": "import equipoise.stores.memory",
                "stores__memory": "import equipoise.engine",
            },
            "Each",
        ),
        ({"decide__a": "import equipoise.settings"}, "Each floor"),
        ({"attic__a": ""}, "Each floor"),
        ({"doors__http": "import equipoise.stores.memory", "stores__memory": ""}, "Only compose"),
        ({"show__page": "import equipoise.plays.reading", "plays__reading": ""}, "A play"),
        (
            {"decide__guards__a": "import equipoise.decide.guards.b", "decide__guards__b": ""},
            "Siblings",
        ),
        ({"senders__a": "from equipoise.senders import b", "senders__b": ""}, "Siblings"),
        ({"stores__a": "from equipoise.stores.b import c", "stores__b": "c = 1"}, "Siblings"),
        ({"decide__a": "import time"}, "What decides"),
        ({"plays__a": "from random import random"}, "What decides"),
        (
            {"learn__a": "import equipoise.learn.b", "learn__b": "import equipoise.learn.a"},
            "Nothing",
        ),
    ],
)
def test_a_broken_contract_fires(tmp_path: Path, files: dict[str, str], broken: str) -> None:
    said = lint(house(tmp_path, **files))
    assert re.search(rf"^{broken}.* BROKEN", said, re.MULTILINE), said
