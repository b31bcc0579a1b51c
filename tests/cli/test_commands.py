"""What every command has: a help page with an example, a section of docs/commands.md, exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from equipoise.cli.commands import app

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def commands():
    """Every command with its path of words, groups opened."""
    for name, command in get_command(app).commands.items():
        yield (name,), command
        for inner, below in getattr(command, "commands", {}).items():
            yield (name, inner), below


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=" ".join)
def test_every_command_teaches_by_an_example_on_its_help_page(equipoise, words):
    said = equipoise(*words, "--help")
    assert said.code == 0
    if words not in {("play",), ("keys",)}:
        assert "For example" in said.out
        assert f"equipoise {' '.join(words)}" in said.out


def test_every_command_has_a_section_of_the_page_and_no_section_outlives_its_command():
    told = set(re.findall(r"^## `(.+?)`$", PAGE.read_text(), re.MULTILINE))
    assert told == {words[0] for words, _ in commands()}


def test_no_help_page_is_wider_than_eighty_columns(equipoise):
    for words, _ in commands():
        assert max(map(len, equipoise(*words, "--help").out.splitlines())) <= 80


def test_the_version_is_that_of_the_package(equipoise):
    from equipoise import __version__

    assert equipoise("--version").out == f"equipoise {__version__}\n"


def test_an_unknown_command_and_a_bad_option_are_wrong_usage(equipoise):
    assert equipoise("fly").code == 2
    said = equipoise("serve", "--port", "high")
    assert said.code == 2
    assert "--port" in said.err


def test_the_help_of_all_commands_loads_no_engine():
    """So that it is there at once: numpy, SQLite and the server are loaded by who needs them."""
    text = (
        "import sys\nfrom equipoise.cli import main\nmain(['--help'])\n"
        "print('LOADED', *({'numpy', 'apsw', 'uvicorn', 'cryptography'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "LOADED"


def test_the_package_can_be_run_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "equipoise", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("equipoise ")
