"""One question per file; each guard is a function from what is asked to a verdict."""

import sys
from functools import cache

from equipoise.decide.finding import find
from equipoise.ports import Guard

GROUP = "equipoise.guards"
"""The entry point group in which the guards of others are found."""


@cache
def find_guards() -> tuple[tuple[str, Guard], ...]:
    """Every guard with its name, ours and others', in order of the names; loaded once.

    Raises `NotFound` where one cannot be loaded: deciding without it would not be safe.
    """
    return tuple(sorted(find(sys.modules[__name__], GROUP), key=lambda pair: pair[0]))
