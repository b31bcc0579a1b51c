"""Whether what a play mentions is there: fields in conditions and texts, types, languages."""

import re
from collections.abc import Iterator

from equipoise.plays.conditions import type_of
from equipoise.plays.fitting import came, near
from equipoise.plays.known import Known, at, blocks, has, items
from equipoise.plays.lines import Mistake, Node
from equipoise.plays.shapes import OPERATORS, PARTS
from equipoise.plays.wording import fields_in, odd_places

MOST_COMPARISONS = 200
"""The most comparisons in one condition: beyond, a database would refuse the expression."""

_ORDERED = {"at_least", "more_than", "at_most", "less_than"}
_OPERATORS = {operator for operator, _, _ in OPERATORS} - {"known"}
_TYPES = {"number": "a number", "text": "a text", "boolean": "true or false"}


def mentions(root: Node, known: Known) -> Iterator[Mistake]:
    """Every mistake about a field or a language in the tree of a play."""
    moment = at(root, "moment")
    if has(root, "audience"):
        yield from _condition(at(root, "audience"), "audience", root, known)
    if has(root, "moment") and has(moment, "where"):
        yield from _condition(at(moment, "where"), "moment.where", root, known)
    for place, option in enumerate(items(root, "options")):
        for part, path in _parts(option, f"options[{place}]"):
            yield from _places(part, path, known)
            yield from _languages(part, path, known)


def _condition(node: Node, path: str, root: Node, known: Known) -> Iterator[Mistake]:
    found = list(_compares(node, path))
    if len(found) > MOST_COMPARISONS:
        message = (
            f"needs at most {MOST_COMPARISONS} comparisons, came {len(found)}; one_of takes a list"
        )
        yield node.at(path, message)
    scheduled = has(at(root, "moment"), "every_hours")
    for compare, below in found:
        yield from _compare(compare, below, known)
        if scheduled:
            yield from _on_schedule(at(compare, "field"), f"{below}.field", known)


def _on_schedule(field: Node, path: str, known: Known) -> Iterator[Mistake]:
    """A schedule has no opening event, and selects people by what is kept of them in columns."""
    name = field.value
    if not isinstance(name, str):
        return
    if name.startswith("event."):
        message = f"a schedule has no opening event, so {name} is never known; name a profile field"
        yield field.at(path, message)
    elif known.sliding and known.type_of(name) and (reason := known.sliding(name)):
        message = (
            f"{name} cannot be used on a schedule: {reason}; name a field that only events change"
        )
        yield field.at(path, message)


def _compares(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """Every comparison under a condition with its path."""
    if has(node, "field"):
        yield node, path
    for name in ("all", "any"):
        for place, item in enumerate(items(node, name)):
            yield from _compares(item, f"{path}.{name}[{place}]")
    if has(node, "not"):
        yield from _compares(at(node, "not"), f"{path}.not")


def _compare(node: Node, path: str, known: Known) -> Iterator[Mistake]:
    field = at(node, "field")
    if not isinstance(field.value, str):
        return
    kind = known.type_of(field.value)
    if kind is None:
        yield field.at(f"{path}.field", _no_field(field.value, known))
    if kind not in _TYPES:
        return
    for operator, item in blocks(node):
        below = f"{path}.{operator}"
        if operator in _ORDERED and kind != "number":
            message = f"{operator} compares numbers, and {field.value} is {_TYPES[kind]}; use is or one_of"
            yield node.keys[operator].at(below, message)
        elif operator in _OPERATORS:
            for value in item.value if isinstance(item.value, list) else [item]:
                if type_of(value.value) not in (None, kind):
                    message = f"{field.value} is {_TYPES[kind]}, so it never equals {came(value)}"
                    yield value.at(below, message)


def _no_field(name: str, known: Known) -> str:
    return f"there is no profile field {name!r}{near(name, known.fields) or '; docs/profile.md lists them'}"


def _parts(option: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The parts of an option's content with their paths."""
    for name, item in blocks(option):
        if name in PARTS:
            yield item, f"{path}.{name}"
    if has(option, "content"):
        for name, item in blocks(at(option, "content")):
            yield item, f"{path}.content.{name}"


def _places(part: Node, path: str, known: Known) -> Iterator[Mistake]:
    texts = [(path, part), *((f"{path}.{language}", text) for language, text in blocks(part))]
    for below, text in texts:
        if not isinstance(text.value, str):
            continue
        for odd in odd_places(text.value):
            message = (
                f"{odd} cannot be filled; a place names a field, then what to say where it is missing: "
                "{{ traits.first_name | friend }}"
            )
            yield text.at(below, message)
        for name in fields_in(text.value):
            if known.type_of(name) is None:
                yield text.at(below, _no_field(name, known))


def _languages(part: Node, path: str, known: Known) -> Iterator[Mistake]:
    if isinstance(part.value, dict):
        missing = [locale for locale in known.locales if locale not in part.value]
    elif isinstance(part.value, str) and _speaks(part.value):
        missing = list(known.locales)
    else:
        return
    if missing:
        said = " and ".join(missing)
        message = (
            f"no text is marked as {said}, so all read what is there; write {said[:2]}: and a text"
        )
        yield part.at(path, message, "warning")


def _speaks(text: str) -> bool:
    """Whether a text has words of a language: an address, a code or a lone place has none."""
    return not re.fullmatch(r"\S+|\{\{[^{}]*\}\}", text)
