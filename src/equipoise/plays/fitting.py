"""Whether a tree has the shape of a play: every place where it does not, with what to do."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from equipoise.plays.lines import Mistake, Node
from equipoise.plays.shapes import (
    CONDITION,
    FIELD,
    NAME,
    Again,
    Either,
    Field,
    Flag,
    Listing,
    Number,
    Record,
    Scalar,
    Shape,
    Text,
    Variants,
    Wording,
)

LANGUAGE = "[a-z]{2}(-[A-Z]{2})?"
"""A language, with or without a country: `fr`, `fr-CA`."""


def fit(node: Node, shape: Shape, path: str = "") -> Iterator[Mistake]:
    """Every mistake of form below a node; none means that it can be turned into a noun."""
    match shape:
        case Record():
            yield from _record(node, shape, path)
        case Variants():
            yield from _variants(node, shape, path)
        case Again():
            yield from fit(node, CONDITION, path)
        case Listing():
            yield from _listing(node, shape, path)
        case Wording():
            yield from _wording(node, path)
        case Either():
            first = list(fit(node, shape.first, path))
            if first and list(fit(node, shape.second, path)):
                yield node.at(path, f"needs {says(shape)}, came {came(node)}")
        case Text() if shape.choices:
            yield from _choice(node, shape, path)
        case _:
            if not _is(node.value, shape):
                yield node.at(path, f"needs {says(shape)}, came {came(node)}{_hint(node, shape)}")


def near(name: str, names: Iterable[str]) -> str:
    """A question that names the nearest of the names, or nothing where none is near."""
    found = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def came(node: Node) -> str:
    """What stands at a place, in a few words."""
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"a block with {', '.join(list(value)[:3]) or 'nothing in it'}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    text = str(value)
    return f"the number {text[:40]}"


def says(shape: Shape) -> str:
    """What a shape asks for, in a few words."""
    match shape:
        case Text(choices=choices) if choices:
            return f"one of {', '.join(choices)}"
        case Text(pattern=pattern) if pattern == NAME:
            return "a name of small letters, digits, - and _ that begins with a letter"
        case Text(pattern=pattern) if pattern == FIELD:
            return "the name of a field, such as orders.count"
        case Text(pattern=pattern):
            return "three capital letters, such as EUR" if pattern else "a text"
        case Number():
            return _says_number(shape)
        case Flag():
            return "true or false"
        case Wording():
            return "a text, or one for each language such as {en: ..., fr: ...}"
        case Scalar():
            return "a text, a number, true or false"
        case Listing(least=least):
            return "a list with at least one item" if least else "a list"
        case Either():
            return f"{says(shape.first)}, or {says(shape.second)}"
        case Record():
            return _says_record(shape)
        case _:
            return "a condition such as {field: orders.count, at_least: 2}"


def _says_record(shape: Record) -> str:
    if shape.others is not None:
        return f"a block of names, each with {says(shape.others)}"
    return f"a block with {', '.join(field.name for field in shape.fields[:4])}"


def _says_number(shape: Number) -> str:
    bounds = [
        f"{word} {bound:.15g}"
        for word, bound in (
            ("of at least", shape.least),
            ("above", shape.above),
            ("of at most", shape.most),
            ("below", shape.below),
        )
        if bound is not None and abs(bound) < 10**12
    ]
    return f"a {'whole ' if shape.whole else ''}number {' and '.join(bounds)}".rstrip()


def _is(value: object, shape: Shape) -> bool:
    """Whether a scalar has a scalar shape."""
    if isinstance(value, bool):
        return isinstance(shape, Flag | Scalar)
    if isinstance(value, str):
        if isinstance(shape, Scalar):
            return True
        return (
            isinstance(shape, Text)
            and value != ""
            and (not shape.pattern or re.fullmatch(shape.pattern, value) is not None)
        )
    if isinstance(value, int | float):
        if isinstance(shape, Scalar):
            return abs(value) <= 2**53 - 1
        return isinstance(shape, Number) and _within(value, shape)
    return False


def _within(value: float, shape: Number) -> bool:
    return (
        (shape.least is None or value >= shape.least)
        and (shape.most is None or value <= shape.most)
        and (shape.above is None or value > shape.above)
        and (shape.below is None or value < shape.below)
        and (not shape.whole or value == int(value))
    )


def _hint(node: Node, shape: Shape) -> str:
    if isinstance(shape, Text) and isinstance(node.value, int | float):
        return "; put it in quotes if it is meant as text"
    if isinstance(shape, Flag):
        return "; write true or false without quotes"
    if isinstance(shape, Number) and isinstance(node.value, str):
        return "; write it in digits, with a point for the fraction and without quotes"
    return ""


def _choice(node: Node, shape: Text, path: str) -> Iterator[Mistake]:
    if node.value not in shape.choices or not isinstance(node.value, str):
        hint = near(node.value, shape.choices) if isinstance(node.value, str) else ""
        yield node.at(path, f"needs {says(shape)}, came {came(node)}{hint}")


def _listing(node: Node, shape: Listing, path: str) -> Iterator[Mistake]:
    if not isinstance(node.value, list):
        yield node.at(path, f"needs {says(shape)}, came {came(node)}; begin each item with a dash")
        return
    if not shape.least <= len(node.value) <= shape.most:
        message = f"needs {max(shape.least, 0)} to {shape.most} items, came {len(node.value)}"
        yield node.at(path, message)
    for at, item in enumerate(node.value):
        yield from fit(item, shape.of, f"{path}[{at}]")


def _wording(node: Node, path: str) -> Iterator[Mistake]:
    if not isinstance(node.value, dict):
        if not _is(node.value, Text()):
            hint = _hint(node, Text())
            yield node.at(path, f"needs {says(Wording())}, came {came(node)}{hint}")
        return
    if not node.value:
        yield node.at(path, "needs at least one language, came none; write en: and a text")
    for language, text in node.value.items():
        below = f"{path}.{language}"
        if not re.fullmatch(LANGUAGE, language):
            message = f"needs a language such as en or fr, came {language!r}"
            yield node.keys[language].at(below, message)
        if not _is(text.value, Text()):
            yield text.at(below, f"needs a text, came {came(text)}{_hint(text, Text())}")


def _variants(node: Node, shape: Variants, path: str) -> Iterator[Mistake]:
    first = {record.fields[0].name: record for record in shape.records}
    if not isinstance(node.value, dict):
        yield node.at(path, f"needs {says(shape)}, came {came(node)}")
        return
    found = [name for name in first if name in node.value]
    if len(found) > 1:
        message = f"has {' and '.join(found)} side by side; put them in a list under all:"
        yield node.at(path, message)
    elif found:
        yield from _record(node, first[found[0]], path)
    else:
        names = ", ".join(node.value) or "nothing"
        hint = next((near(n, first) for n in node.value if near(n, first)), "")
        yield node.at(path, f"needs one of {', '.join(first)}, came {names}{hint}")


def _record(node: Node, shape: Record, path: str) -> Iterator[Mistake]:
    if not isinstance(node.value, dict):
        yield node.at(path, f"needs {says(shape)}, came {came(node)}")
        return
    fields = {field.name: field for field in shape.fields}
    for name, item in node.value.items():
        below = f"{path}.{name}" if path else name
        if name in fields:
            yield from fit(item, fields[name].shape, below)
        elif shape.others is not None and re.fullmatch(NAME, name):
            yield from fit(item, shape.others, below)
        else:
            yield node.keys[name].at(below, _unknown(name, fields, shape))
    for field in shape.fields:
        if field.needed and field.name not in node.value:
            yield node.at(path, f"{field.name} is missing{_example(field)}")
    given = [name for name in shape.one_of if name in node.value]
    if shape.one_of and len(given) != 1:
        got = " and ".join(given) if given else "none of them"
        yield node.at(path, f"needs exactly one of {', '.join(shape.one_of)}, came {got}")
    if len(node.value) < shape.least:
        message = f"says nothing about the field; add one of {', '.join(list(fields)[1:])}"
        yield node.at(path, message)


def _unknown(name: str, fields: dict[str, Field], shape: Record) -> str:
    if shape.others is not None:
        return f"{name!r} cannot be a key here: it needs {says(Text(NAME))}"
    hint = near(name, fields) or f"; it has {', '.join(fields)}"
    return f"{shape.title.lower()} has no {name!r}{hint}"


def _example(field: Field) -> str:
    return (
        f"; write for example {field.name}: {field.example}" if field.example else f": {field.help}"
    )
