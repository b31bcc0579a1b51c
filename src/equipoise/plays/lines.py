"""YAML text to values that remember their line, and the mistakes that name it.

The dialect is the JSON part of YAML with its readable forms. `NO`, `on` and `12:30` stay text, as
do dates and numbers with leading zeros (postal codes); only `true` and `false` are booleans. Tags,
anchors, aliases and second documents are refused, so that a short text cannot unfold into a long one.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import yaml

MOST_CHARACTERS = 200_000
"""The longest text of a play that is read."""

MOST_LEVELS = 40
"""The deepest nesting that is read."""

Level = Literal["error", "warning"]
"""An error keeps a play from running; a warning is worth a second look."""


class Mistake(msgspec.Struct, frozen=True, order=True):
    """One thing to put right: where (line and column from 1, path inside the play) and what to do."""

    line: int
    column: int
    path: str
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        place = f" {self.path}:" if self.path else ""
        warning = "warning: " if self.level == "warning" else ""
        return f"line {self.line}, column {self.column}:{place} {warning}{self.message}"


class PlayMistakes(ValueError):
    """A play cannot be used; `mistakes` holds every one found, warnings too, by line."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class Node(msgspec.Struct, frozen=True):
    """A value with its place: a scalar, a list of nodes, or a dict of nodes by key.

    `keys` holds the node of each key, for mistakes that are about the key itself.
    """

    value: str | int | float | bool | list["Node"] | dict[str, "Node"] | None
    line: int
    column: int
    keys: dict[str, "Node"] = {}

    def at(self, path: str, message: str, level: Level = "error") -> Mistake:
        """A mistake at this place."""
        return Mistake(self.line, self.column, path, message, level)


def read_lines(text: str) -> tuple[Node | None, list[Mistake]]:
    """The tree of one YAML document, or None with the mistakes that make it unreadable.

    A key written twice is a mistake that leaves the tree readable, so that other mistakes are found too.
    """
    if len(text) > MOST_CHARACTERS:
        message = f"a play has at most {MOST_CHARACTERS:,} characters, this one has {len(text):,}; split it"
        return None, [Mistake(1, 1, "", message)]
    try:
        mistakes = list(_forbidden(text))
        if mistakes:
            return None, mistakes
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as fault:
        return None, [_unreadable(fault)]
    except yaml.YAMLError as fault:
        return None, [Mistake(1, 1, "", f"this is not readable as YAML: {fault}")]
    if root is None:
        message = "the file is empty; a play needs name, purpose, moment and options"
        return None, [Mistake(1, 1, "", message)]
    node = _node(root, "", mistakes)
    return node, mistakes


def plain(node: Node) -> Any:
    """The same value without its places: what JSON could hold."""
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(item) for key, item in node.value.items()}
    return node.value


def _place(mark: Any) -> tuple[int, int]:
    """Line and column from 1; of a mark that is missing, the first of both."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _unreadable(fault: yaml.MarkedYAMLError) -> Mistake:
    line, column = _place(fault.problem_mark or fault.context_mark)
    said = ", ".join(part for part in (fault.context, fault.problem) if part)
    message = (
        f"this is not readable as YAML ({said}); look at the indentation, colons and quotes here"
    )
    return Mistake(line, column, "", message)


def _forbidden(text: str) -> Iterator[Mistake]:
    """What YAML allows and a play does not; stops at the first thing that makes the rest unsafe."""
    level = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line, column = _place(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                message = "a file holds one play; move what follows `---` to a file of its own"
                yield Mistake(line, column, "", message)
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        elif isinstance(event, yaml.AliasEvent):
            message = f"plays have no aliases; write out what *{event.anchor} stands for"
            yield Mistake(line, column, "", message)
        elif isinstance(event, yaml.NodeEvent):
            if event.anchor is not None:
                yield Mistake(line, column, "", f"plays have no anchors; take &{event.anchor} away")
            if getattr(event, "tag", None) not in (None, "!"):
                message = (
                    "plays have no tags; take the word after `!` away, or put the text in quotes"
                )
                yield Mistake(line, column, "", message)
            if isinstance(event, yaml.CollectionStartEvent):
                level += 1
            if level > MOST_LEVELS:
                yield Mistake(
                    line, column, "", f"nested more than {MOST_LEVELS} levels deep; flatten it"
                )
                return


def _node(node: yaml.Node, path: str, mistakes: list[Mistake]) -> Node:
    line, column = _place(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        items = [_node(item, f"{path}[{at}]", mistakes) for at, item in enumerate(node.value)]
        return Node(items, line, column)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, mistakes)
    value = _scalar(node)
    if isinstance(value, str) and not value.isascii():
        try:
            value = _whole_characters(value)
        except UnicodeDecodeError:
            message = (
                "half a character (an escape such as \\ud83d alone); write the character itself"
            )
            mistakes.append(Mistake(line, column, path, message))
    return Node(value, line, column)


def _whole_characters(text: str) -> str:
    """JSON escapes what lies beyond 16 bits as two halves, which YAML leaves apart."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _mapping(node: yaml.MappingNode, path: str, mistakes: list[Mistake]) -> Node:
    values: dict[str, Node] = {}
    keys: dict[str, Node] = {}
    for key, item in node.value:
        line, column = _place(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            message = (
                "a key is a word, here stands a list or a block; quote texts that begin with { or ["
            )
            mistakes.append(Mistake(line, column, path, message))
            continue
        name = str(key.value)
        below = f"{path}.{name}" if path else name
        if name in keys:
            message = f"{name} is written twice, first on line {keys[name].line}; keep one of them"
            mistakes.append(Mistake(line, column, below, message))
            continue
        keys[name] = Node(name, line, column)
        values[name] = _node(item, below, mistakes)
    return Node(values, *_place(node.start_mark), keys)


# Whatever is read as one of these, and YAML 1.1 would not, is put in quotes by `writing`.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
"""How a number is written, as in JSON with a little more freedom."""

_WORDS = {"true": True, "True": True, "false": False, "False": False} | dict.fromkeys(
    ("", "~", "null", "Null", "NULL"), None
)


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text) and len(text) < 300:
        return int(text)
    if NUMBER.fullmatch(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text
