"""One way of choosing per file; each returns the choice and the probability of every option."""

import sys
from functools import cache
from typing import cast

from equipoise.decide.drawing import sample
from equipoise.decide.finding import find
from equipoise.ports import Chooser

GROUP = "equipoise.choosers"
"""The entry point group in which the choosers of others are found."""

__all__ = ["GROUP", "find_choosers", "sample"]


@cache
def find_choosers() -> dict[str, Chooser]:
    """Every chooser by its name, ours and others'; a class is made once. Loaded once.

    Raises `NotFound` where one cannot be loaded.
    """
    found = {}
    for name, thing in find(sys.modules[__name__], GROUP):
        found[name] = cast("Chooser", thing() if isinstance(thing, type) else thing)
    return found
