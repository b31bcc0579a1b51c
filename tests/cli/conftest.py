"""A terminal for tests: type a command, read its exit code and what it said; and a house to type in."""

import os

import msgspec
import pytest

from equipoise.cli import main
from house import house, identify, track, welcome


class Said(msgspec.Struct):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return msgspec.json.decode(self.out)


@pytest.fixture
def equipoise(capsys, monkeypatch, tmp_path):
    """Types a command in an empty folder, at 80 columns, with no variable of ours set."""
    for name in [name for name in os.environ if name.startswith("EQUIPOISE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def typed(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return typed


@pytest.fixture
def shop(equipoise, monkeypatch, tmp_path):
    """A fresh folder of `equipoise init`, in which commands are typed from now on."""
    folder = tmp_path / "shop"
    assert equipoise("init", folder).code == 0
    monkeypatch.chdir(folder)
    return folder


THANKS = """
name: thanks
purpose: marketing
moment: {event: Order Completed}
options:
  - {name: mail, do: notify, channel: email, share: 1, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: fixed_shares
explore_floor: 0
"""


@pytest.fixture
def lived_in(shop, tmp_path):
    """A house with a seed of its own where Ana may be mailed, once, and Zoe never said yes."""
    settings = shop / "equipoise.toml"
    settings.write_text(settings.read_text().replace('# seed = ""', 'seed = "test"'))
    with house(shop / "equipoise.db") as engine:
        engine.add_play(THANKS)
        engine.take(welcome("ana"))
        engine.take([track("ana", "Order Completed", n) for n in range(3)])
        engine.take([identify("zoe", "z1", email="zoe@example.org")])
        engine.take([track("zoe", "Order Completed", n) for n in range(3)])
    return shop
