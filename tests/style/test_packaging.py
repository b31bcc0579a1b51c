"""What is installed is what was locked and written down, and a wheel carries all that it shows."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from style.tree import PACKAGE, ROOT, all_well, project_files, written

LOCKS = ("requirements/run.txt", "requirements/dev.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def plain(requirement: str) -> str:
    """The normalised name of a requirement."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def check_lock(root: Path, lock: str) -> list[str]:
    """Requirements of a lock without an exact version or a hash, and lines that name an address."""
    text = (root / lock).read_text("utf-8")
    complaints = [f"{lock} names an address: {line}" for line in text.splitlines() if "://" in line]
    complaints += [
        f"{lock} has an option: {line}" for line in text.splitlines() if re.match("--?[a-z]", line)
    ]
    for entry in re.split(r"\n(?=[A-Za-z0-9])", "\n" + text):
        if re.match(r"[A-Za-z0-9]", entry) and not ("==" in entry and "--hash=sha256:" in entry):
            complaints.append(f"{lock}: {entry.splitlines()[0]} has no exact version with a hash")
    return complaints


def locked(lock: str) -> dict[str, str]:
    """The exact version of each package of a lock."""
    text = (ROOT / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_exact_versions_hashes_and_no_address(lock: str) -> None:
    all_well(check_lock(ROOT, lock))


@pytest.mark.parametrize(
    "line",
    [
        "--index-url x",
        "a @ https" + "://a.example/a.whl --hash=sha256:0",
        "a==1.0",
        "a>=1 --hash=sha256:0",
    ],
)
def test_a_loose_lock_fires(tmp_path: Path, line: str) -> None:
    good = "b==1.0 \\\n    --hash=sha256:00\n    # via c\n"
    assert check_lock(written(tmp_path, {"good.txt": good}), "good.txt") == []
    assert check_lock(written(tmp_path, {"bad.txt": f"{good}{line}\n"}), "bad.txt") != []


def test_the_two_locks_agree_on_every_version() -> None:
    """So that `make test` after `make run` exchanges nothing under a running engine."""
    run, dev = (locked(lock) for lock in LOCKS)
    assert run.items() <= dev.items()


def test_every_dependency_is_locked_and_its_reason_written_down() -> None:
    needed = {plain(r) for r in PROJECT["dependencies"]}
    reasons = "\n".join(p.read_text("utf-8") for p in (ROOT / "docs/decisions").glob("*.md"))
    assert needed <= set(locked(LOCKS[0]))
    assert sorted(name for name in needed if f"`{name}`" not in reasons) == []


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", text, re.MULTILINE)
    assert versions[0] == PROJECT["version"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel of this tree is installed, alone."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
    ]
    subprocess.run([*pip, "--target", str(folder / "site"), wheel], check=True)
    return folder / "site"


def test_the_wheel_carries_every_file_of_the_package(installed: Path) -> None:
    ours = {p.relative_to("src") for p in project_files(ROOT) if p.is_relative_to(PACKAGE)}
    carried = {
        p.relative_to(installed) for p in (installed / "equipoise").rglob("*") if p.is_file()
    }
    assert ours - carried == set()


def test_the_command_answers_from_the_wheel_alone(installed: Path) -> None:
    """`equipoise --help` runs with nothing of the source tree in sight."""
    script = (
        "import sys, equipoise.cli; print(equipoise.__file__); sys.argv = ['equipoise', '--help']"
    )
    run = subprocess.run(
        [sys.executable, "-c", f"{script}; equipoise.cli.main()"],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith(str(installed))
    assert "serve" in run.stdout
