"""Plays to begin with: `equipoise play new` writes one of these under a name of one's own."""

import re
from importlib.resources import files

from equipoise.plays.fitting import near
from equipoise.plays.shapes import NAME

_FOLDER = files("equipoise.plays").joinpath("templates")


def templates() -> dict[str, str]:
    """The name of each template with the sentence at its head that says what it is for, by name."""
    found = sorted(item.name for item in _FOLDER.iterdir() if item.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): _sentence(name) for name in found}


def new_play(template: str, name: str = "") -> str:
    """The text of a new play from a template, named `name` if one is given, and otherwise as it is.

    Raises `ValueError` where there is no such template, or the name cannot be one.
    """
    there = templates()
    if template not in there:
        raise ValueError(
            f"a new play needs a template that is there ({', '.join(there)}), "
            f"came {template!r}{near(template, there)}"
        )
    if name and not re.fullmatch(NAME, name):
        raise ValueError(
            f"the name of a play has small letters, digits, - and _ and begins with a letter, came {name!r}"
        )
    text = _FOLDER.joinpath(f"{template}.yaml").read_text("utf-8")
    return re.sub(r"(?m)^name: .*$", f"name: {name}", text, count=1) if name else text


def _sentence(file: str) -> str:
    first = _FOLDER.joinpath(file).read_text("utf-8").partition("\n")[0]
    return first.removeprefix("# ")
