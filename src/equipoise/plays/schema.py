"""The JSON Schema of plays, made from the table of shapes; editors complete and check with it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from equipoise.plays.fitting import LANGUAGE
from equipoise.plays.shapes import (
    CONDITION,
    NAME,
    PLAY,
    Again,
    Either,
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

LARGEST = 2**53 - 1
_TEXT = {"type": "string", "minLength": 1}


def play_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of one play as it stands in YAML or JSON."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Equipoise play",
        **_schema(PLAY),
        "$defs": {"condition": _schema(CONDITION), "wording": _wording()},
    }


def published() -> str:
    """The text of the published file `play.schema.json`."""
    return files("equipoise.plays").joinpath("play.schema.json").read_text("utf-8")


def written() -> str:
    """The schema as it is to be published: indented, with a last line end."""
    return json.dumps(play_schema(), indent=2, ensure_ascii=False) + "\n"


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Record():
            return _record(shape)
        case Variants():
            return {"oneOf": [_record(record) for record in shape.records]}
        case Again():
            return {"$ref": "#/$defs/condition"}
        case Listing():
            items = _schema(shape.of)
            return {
                "type": "array",
                "items": items,
                "minItems": shape.least,
                "maxItems": shape.most,
            }
        case Wording():
            return {"$ref": "#/$defs/wording"}
        case Either():
            return {"anyOf": [_schema(shape.first), _schema(shape.second)]}
        case Flag():
            return {"type": "boolean"}
        case Scalar():
            number = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
            return {"anyOf": [{"type": ["string", "boolean"]}, number]}
        case Number():
            return _number(shape)
        case Text():
            return _text(shape)


def _wording() -> dict[str, Any]:
    by_language = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{LANGUAGE}$"},
        "additionalProperties": _TEXT,
    }
    return {"anyOf": [_TEXT, by_language]}


def _text(shape: Text) -> dict[str, Any]:
    if shape.choices:
        return {"enum": list(shape.choices)}
    return {"type": "string", "pattern": f"^{shape.pattern}$"} if shape.pattern else dict(_TEXT)


def _number(shape: Number) -> dict[str, Any]:
    bounds = {
        "minimum": shape.least,
        "maximum": shape.most,
        "exclusiveMinimum": shape.above,
        "exclusiveMaximum": shape.below,
    }
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"type": "integer" if shape.whole else "number", **given}


def _record(shape: Record) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "title": shape.title,
        "properties": {
            field.name: _described(_referred(field.shape), field.help) for field in shape.fields
        },
        "additionalProperties": _schema(shape.others) if shape.others is not None else False,
    }
    if shape.others is not None:
        made["propertyNames"] = {"pattern": f"^{NAME}$"}
    required = [field.name for field in shape.fields if field.needed]
    if required:
        made["required"] = required
    if shape.least:
        made["minProperties"] = shape.least
    if shape.one_of:
        made["oneOf"] = [{"required": [name]} for name in shape.one_of]
    return made


def _referred(shape: Shape) -> dict[str, Any]:
    return _schema(Again()) if shape is CONDITION else _schema(shape)


def _described(schema: dict[str, Any], help_text: str) -> dict[str, Any]:
    return {**schema, "description": help_text}


if __name__ == "__main__":
    Path(__file__).with_name("play.schema.json").write_text(written(), "utf-8")
