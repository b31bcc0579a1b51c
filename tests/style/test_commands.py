"""What the pages tell one to type can be typed: commands, variables and make targets exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from equipoise.settings import SETTINGS
from style.tree import PACKAGE, ROOT, all_well, project_files, python_files, written

TOLD_IN = {".md", ".service", ".sh"}


def spans(root: Path, page: Path) -> str:
    """What a page shows as code, in a line or in a block; the whole of a file that is no page."""
    text = (root / page).read_text("utf-8")
    if page.suffix != ".md":
        return text
    found = re.findall(r"```.*?```|^ {4}[^\n]*$|`[^`\n]+`", text, re.MULTILINE | re.DOTALL)
    return "\n".join(found)


def told(root: Path, pattern: str) -> set[tuple[str, str]]:
    """Every page with each thing of that pattern that it tells one to type."""
    pages = [p for p in project_files(root) if p.suffix in TOLD_IN or p.name == "Containerfile"]
    return {
        (p.as_posix(), m) for p in pages for m in re.findall(pattern, spans(root, p), re.MULTILINE)
    }


def commands(root: Path) -> set[tuple[str, str]]:
    """The commands of `equipoise` that the pages tell, each with its page."""
    return told(root, r"(?:^|[`/]|(?<!-u) )equipoise ([a-z]+)\b(?![:=/])")


def variables(root: Path) -> set[tuple[str, str]]:
    """The environment variables that the pages tell, each with its page."""
    return told(root, r"\bEQUIPOISE_[A-Z_0-9]+[A-Z0-9]\b")


def targets(root: Path) -> set[tuple[str, str]]:
    """The targets of make that the pages tell, each with its page."""
    return told(root, r"(?:^|[` ])make ([a-z][a-z-]*)")


def known_variables(root: Path) -> set[str]:
    """The variables that settings make, and those that the code spells out."""
    spelled = (p.read_text("utf-8") for p in (root / f for f in python_files(root, str(PACKAGE))))
    made = {f"EQUIPOISE_{s.name.replace('.', '_').upper()}" for s in SETTINGS}
    return made.union(*(re.findall(r"\"(EQUIPOISE_[A-Z_0-9]+)\"", text) for text in spelled))


@pytest.fixture(scope="module")
def offered() -> set[str]:
    """Every word that `equipoise --help` shows."""
    run = subprocess.run(
        [Path(sys.executable).with_name("equipoise"), "--help"],
        env={"COLUMNS": "300", "TERM": "dumb", "PATH": "", "LANG": "C.UTF-8"},
        check=True,
        capture_output=True,
        text=True,
    )
    return set(re.findall(r"[a-z]+", run.stdout))


def test_every_command_that_is_told_can_be_typed(offered: set[str]) -> None:
    all_well([f"{page}: {name}" for page, name in sorted(commands(ROOT)) if name not in offered])


def test_every_variable_that_is_told_is_read() -> None:
    known = known_variables(ROOT)
    all_well([f"{page}: {name}" for page, name in sorted(variables(ROOT)) if name not in known])


def test_every_make_target_that_is_told_exists() -> None:
    exist = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    all_well([f"{page}: {name}" for page, name in sorted(targets(ROOT)) if name not in exist])


def test_what_is_told_is_found_where_it_is_shown_as_code(tmp_path: Path) -> None:
    text = (
        "Run `equipoise fly`, or `make hay`; equipoise never sleeps, they make noise.\n\n"
        "    EQUIPOISE_STOER=x .venv/bin/equipoise serve\n"
        "    docker build -t equipoise .\n"
    )
    root = written(tmp_path, {"docs/a.md": text})
    assert commands(root) == {("docs/a.md", "fly"), ("docs/a.md", "serve")}
    assert variables(root) == {("docs/a.md", "EQUIPOISE_STOER")}
    assert targets(root) == {("docs/a.md", "hay")}


def test_a_variable_that_nobody_reads_would_be_seen() -> None:
    assert "EQUIPOISE_STORE" in known_variables(ROOT)
    assert "EQUIPOISE_STOER" not in known_variables(ROOT)
