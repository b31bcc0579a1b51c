"""Which column is what: a small YAML file beside a file of rows."""

from collections.abc import Mapping as AnyMapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from equipoise.nouns.events import Provenance

Kind = Literal["auto", "text", "number", "boolean"]
"""How a cell is read: `auto` makes numbers of what is written as one, without leading zeros."""

_HANDLES = ("user_id", "anonymous_id", "email", "phone", "card", "device")


class MappingError(ValueError):
    """The mapping cannot be read; the message says where and what was needed."""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The value of a column, or of a field of a field (`user.email`) in JSON Lines.

    `values` translates what stands in it; what is not in the table stays as it is.
    """

    column: str
    type: Kind = "auto"
    values: dict[str, str] = {}


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When each row happened: a column, or one `value` (ISO 8601) for all.

    `format` is `iso`, `seconds`, `milliseconds` or a pattern of strptime such as `%d/%m/%Y %H:%M`.
    Times without an offset are in `timezone`.
    """

    column: str = ""
    value: str = ""
    format: str = "iso"
    timezone: str = "UTC"


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How rows become events.

    `kind` and `channel` are one text for all rows or a column; `handles` maps kinds of handles to
    columns, `facts` names to columns (None: every column that is not used otherwise). `id` lists the
    columns that together name a row for ever; without it the file's digest and the row's number do.
    `history` rows open no moments. `encoding` empty means UTF-8 with or without a byte order mark.
    """

    kind: str | Column
    at: When
    handles: Annotated[dict[str, str], msgspec.Meta(min_length=1)]
    facts: dict[str, str | Column] | None = None
    channel: str | Column = "server"
    id: tuple[str, ...] = ()
    provenance: Provenance = "observed"
    history: bool = True
    decimal: Literal[".", ","] = "."
    encoding: str = ""
    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","

    def columns(self) -> set[str]:
        """Every column that is named outside `facts`."""
        named = {self.at.column, *self.handles.values(), *self.id} - {""}
        told = (self.kind, self.channel)
        return named | {each.column for each in told if isinstance(each, Column)}


def read_mapping(text: str, name: str = "the mapping") -> Mapping:
    """The mapping in a YAML text. Raises `MappingError` with the place of the mistake."""
    try:
        # Every scalar stays a text, so that a column may be called `no` and a time needs no quotes.
        told = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it builds texts, lists and maps only
    except yaml.YAMLError as problem:
        raise MappingError(f"{name} is not YAML: {problem}") from None
    if not isinstance(told, AnyMapping):
        raise MappingError(f"{name} needs kind, at and handles, and holds {type(told).__name__}")
    try:
        mapping = msgspec.convert(told, Mapping, strict=False)
    except msgspec.ValidationError as problem:
        raise MappingError(f"{name}: {problem}") from None
    if bool(mapping.at.column) == bool(mapping.at.value):
        raise MappingError(f"{name}: `at` needs either a column or one value for all rows")
    if unknown := sorted(mapping.handles.keys() - set(_HANDLES)):
        raise MappingError(
            f"{name}: {unknown[0]!r} is no kind of handle; there are {', '.join(_HANDLES)}"
        )
    try:
        ZoneInfo(mapping.at.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise MappingError(
            f"{name}: {mapping.at.timezone!r} is no time zone; write one such as Europe/Paris"
        ) from None
    return mapping
