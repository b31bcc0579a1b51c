"""Senders carry actions out, one way each; they are found by walking this folder and by entry point.

A sender is a module (or folder) with `NAME`, the channel it serves, and `make`, a factory that reads
the settings it knows and returns None where it is not configured.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from equipoise.ports import Sender

GROUP = "equipoise.senders"
"""The entry point group in which packages of others offer their factories."""

Factory = Callable[[Mapping[str, str]], Sender | None]
"""Makes a sender from settings by name (`smtp.url`, ...); None where it is not configured."""


def find_senders(others: Iterable[EntryPoint] | None = None) -> dict[str, Factory]:
    """Every factory by the name of its sender: ours first, then those of installed packages.

    An entry point is named as its channel and loads a `Factory`. Raises `ValueError` where two have
    the same name: which of them sends must not depend on the order in which they are found.
    """
    found: dict[str, Factory] = {}
    for module in pkgutil.iter_modules(__path__):
        sender = import_module(f"{__name__}.{module.name}")
        found[sender.NAME] = sender.make
    for entry in entry_points(group=GROUP) if others is None else others:
        if entry.name in found:
            raise ValueError(
                f"the sender {entry.name!r} of {entry.value} has a name that is taken: name its entry "
                f"point in {GROUP} for another channel, or remove one of the two packages"
            )
        found[entry.name] = entry.load()
    return found


def make_senders(settings: Mapping[str, str]) -> dict[str, Sender]:
    """The senders that the settings configure, by name; ready to be handed to the delivery loop."""
    made = {name: make(settings) for name, make in find_senders().items()}
    return {name: sender for name, sender in made.items() if sender is not None}
