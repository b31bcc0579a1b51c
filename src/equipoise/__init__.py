"""Equipoise: an engine for connected marketing that keeps both sides of the account.

`from equipoise import Engine, Event, Handle` is all that most programs need, and `frames` for those who
look at what was decided; each is loaded when it is first asked for, so that importing the package costs
next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equipoise.compose import Engine, frames
    from equipoise.nouns.events import Event, Handle

__all__ = ["Engine", "Event", "Handle", "__version__", "frames"]
__version__ = "0.1.0"

_HOMES = {
    "Engine": "equipoise.compose",
    "Event": "equipoise.nouns.events",
    "Handle": "equipoise.nouns.events",
    "frames": "equipoise.compose",
}


def __getattr__(name: str) -> object:
    """Load a public name from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'equipoise' has no attribute {name!r}; it has {__all__}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
