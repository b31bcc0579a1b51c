"""A play that has the right form becomes nouns."""

from hashlib import sha256
from typing import Any

from equipoise.nouns.plays import (
    SILENCE,
    All,
    AnyOf,
    Cap,
    Compare,
    Condition,
    Goal,
    Limits,
    Not,
    Option,
    Play,
    Trigger,
)
from equipoise.plays.shapes import OPERATORS, PARTS

_OPTIONAL = ("title", "status", "chooser", "model", "effect", "holdout", "explore_floor")


def build(data: dict[str, Any], text: str = "") -> Play:
    """The play that plain data of the right form means; its version is the SHA-256 of `text`, in hex."""
    given = {name: data[name] for name in _OPTIONAL if name in data}
    for name in ("holdout", "explore_floor"):
        if name in given:
            given[name] = float(given[name])
    options = tuple(option_of(option) for option in data["options"])
    if not any(option.is_silence for option in options):
        options = (*options, SILENCE)
    return Play(
        name=data["name"],
        purpose=data["purpose"],
        moment=_trigger(data["moment"]),
        options=options,
        goal=_goal(data["goal"]) if "goal" in data else None,
        audience=condition_of(data["audience"]) if "audience" in data else None,
        limits=_limits(data.get("limits", {})),
        features=tuple(data.get("features", [])),
        controls={name: float(share) for name, share in data.get("controls", {}).items()},
        priority=int(data.get("priority", 0)),
        version=sha256(text.encode()).hexdigest(),
        **given,
    )


def condition_of(data: dict[str, Any]) -> Condition:
    """A condition; several operators on one field must all hold."""
    if "all" in data:
        return All(tuple(condition_of(part) for part in data["all"]))
    if "any" in data:
        return AnyOf(tuple(condition_of(part) for part in data["any"]))
    if "not" in data:
        return Not(condition_of(data["not"]))
    found = []
    for operator, _, _ in OPERATORS:
        if operator in data:
            value = data[operator]
            found.append(
                Compare(data["field"], operator, tuple(value) if isinstance(value, list) else value)
            )
    return found[0] if len(found) == 1 else All(tuple(found))


def option_of(data: dict[str, Any]) -> Option:
    """An option; the parts beside its fields and those under `content` are one content."""
    content = {part: data[part] for part in PARTS if part in data} | data.get("content", {})
    silent = data.get("do") == "silence"
    share, stock, price = data.get("share"), data.get("stock"), data.get("price")
    return Option(
        name=data["name"],
        do=data.get("do", "notify"),
        channel=data.get("channel", "" if silent else "email"),
        content=content,
        cost=float(data.get("cost", 0.0)),
        share=None if share is None else float(share),
        stock=None if stock is None else int(stock),
        review=data.get("review", False),
        price=None if price is None else float(price),
        serves=data.get("serves", ""),
        has=tuple(data.get("has", ())),
    )


def _trigger(data: dict[str, Any]) -> Trigger:
    hours = data.get("every_hours")
    return Trigger(
        event=data.get("event"),
        decide=data.get("decide"),
        every_hours=None if hours is None else float(hours),
        where=condition_of(data["where"]) if "where" in data else None,
    )


def _goal(data: dict[str, Any]) -> Goal:
    value = data.get("value", 1.0)
    return Goal(
        event=data["event"],
        window_days=float(data.get("within_days", 7.0)),
        value=value if isinstance(value, str) else float(value),
        currency=data.get("currency", "EUR"),
        early=data.get("early", ""),
        early_days=float(data.get("early_within_days", 1.0)),
    )


def _limits(data: dict[str, Any]) -> Limits:
    total, lapses = data.get("total"), data.get("lapses_after_days")
    return Limits(
        per_person=tuple(
            Cap(int(cap["times"]), float(cap["days"])) for cap in data.get("per_person", [])
        ),
        total=None if total is None else int(total),
        valid_for_hours=float(data.get("valid_for_hours", 24.0)),
        lapses_after_days=None if lapses is None else float(lapses),
    )
