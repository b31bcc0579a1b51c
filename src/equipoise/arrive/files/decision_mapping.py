"""Which column of a file of logged decisions is what: its own names, a small YAML file, or pairs."""

from collections.abc import Sequence

import msgspec
import yaml

from equipoise.arrive.files.mapping import MappingError

ROLES = ("person", "option", "propensity", "reward", "at", "left", "cost", "consent")
"""What a column may be, beside a segment or a field; each is looked for under its own name."""


class DecisionMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which column of a file of decisions is what, where it does not say so by its name.

    `propensity` may be a number that holds for all rows, as in a trial; an empty `person` makes each
    row a person of their own. `segments` are columns whose values together name the segment; `fields`
    maps profile fields to columns, `options` what stands in the column to the options of the play.
    `format` and `timezone` tell how times are written, as in a mapping of events.
    """

    person: str = "person"
    option: str = "option"
    propensity: str = "propensity"
    reward: str = "reward"
    at: str = "at"
    left: str = "left"
    cost: str = "cost"
    consent: str = "consent"
    segments: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    options: dict[str, str] = {}
    format: str = "iso"
    timezone: str = "UTC"
    encoding: str = ""
    delimiter: str = ","


def read_decision_mapping(
    text: str = "", pairs: Sequence[str] = (), name: str = "the mapping"
) -> DecisionMapping:
    """The mapping in a YAML text, with pairs `ROLE=COLUMN` or `FIELD=COLUMN` on top of it.

    `segment=COLUMN` may come several times. Raises `MappingError`.
    """
    try:
        told = yaml.load(text, Loader=yaml.BaseLoader) or {}  # noqa: S506 - texts, lists and maps only
    except yaml.YAMLError as problem:
        raise MappingError(f"{name} is not YAML: {problem}") from None
    if not isinstance(told, dict):
        raise MappingError(f"{name} needs names with columns, and holds {type(told).__name__}")
    told = dict(told)
    for pair in pairs:
        what, equals, column = pair.partition("=")
        if not equals or not what:
            raise MappingError(
                f"--map needs NAME=COLUMN, for example option=segment; came {pair!r}"
            )
        if what == "segment":
            told["segments"] = [*told.get("segments", ()), column]
        elif what in (*ROLES, "format", "timezone", "encoding", "delimiter"):
            told[what] = column
        else:
            told["fields"] = {**told.get("fields", {}), what: column}
    try:
        return msgspec.convert(told, DecisionMapping, strict=False)
    except msgspec.ValidationError as problem:
        raise MappingError(f"{name}: {problem}") from None
