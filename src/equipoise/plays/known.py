"""What a play may name in one house, and how a tree that may be broken is read."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from equipoise.nouns.decisions import Explain
from equipoise.plays.lines import Node


class Known(msgspec.Struct, frozen=True):
    """What a play may name. `field` gives the type of a profile field, or None where there is none.

    A type is `number`, `text`, `boolean`, or anything else for a field that may hold all of them.
    Without `field` no field is looked up; facts of the opening event (`event.FACT`) may be any.
    `fields` are names to suggest. `sliding` gives the reason why
    a field cannot be selected by on a schedule, or None where it can. `phrased` says whether a field
    has a phrase in which people are told its part in a decision; without it none is looked up.
    `models` are the value models of one's own with how far each explains itself (None: not looked
    up), and `explain` is how far a purpose asks one to.
    """

    field: Callable[[str], str | None] | None = None
    fields: tuple[str, ...] = ()
    sliding: Callable[[str], str | None] | None = None
    phrased: Callable[[str], bool] | None = None
    models: Mapping[str, Explain] | None = None
    explain: Callable[[str], Explain] | None = None
    choosers: tuple[str, ...] = (
        "uniform",
        "fixed_shares",
        "learning",
        "propensity_only",
        "no_cost_of_contact",
        "eligibility_only",
    )
    channels: tuple[str, ...] = ("email", "webhook", "page", "staff", "webpush", "mqtt")
    purposes: tuple[str, ...] = ("marketing", "service", "personalisation", "analytics")
    locales: tuple[str, ...] = ("en", "fr")

    def type_of(self, name: str) -> str | None:
        """The type of a field, `any` where it is not known here, None where there is no such field."""
        if self.field is None or name.startswith("event."):
            return "any"
        return self.field(name)


def at(node: Node, *names: str) -> Node:
    """The node under these keys, or the last one on the way that is there."""
    for name in names:
        if not isinstance(node.value, dict) or name not in node.value:
            return node
        node = node.value[name]
    return node


def has(node: Node, name: str) -> bool:
    """Whether a block has this key."""
    return isinstance(node.value, dict) and name in node.value


def items(node: Node, name: str) -> list[Node]:
    """The items of the list under a key; none where there is no list."""
    found = at(node, name).value if has(node, name) else None
    return found if isinstance(found, list) else []


def blocks(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys of a block with what is under them; none where it is no block."""
    return iter(node.value.items() if isinstance(node.value, dict) else ())


def text(node: Node, name: str, usual: str) -> str:
    """The text under a key; the usual one where there is none."""
    found = at(node, name).value if has(node, name) else None
    return found if isinstance(found, str) else usual


def number(node: Node, name: str) -> float | None:
    """The number under a key; None where there is none."""
    found = at(node, name).value if has(node, name) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
