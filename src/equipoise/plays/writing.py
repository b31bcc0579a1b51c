"""A play made in Python, written as the YAML that a marketer would have written."""

import re
from typing import Any

import yaml

from equipoise.nouns.plays import (
    SILENCE,
    All,
    AnyOf,
    Compare,
    Condition,
    Goal,
    Limits,
    Not,
    Option,
    Play,
    Trigger,
)
from equipoise.plays.lines import NUMBER
from equipoise.plays.shapes import PARTS


def play_to_dict(play: Play) -> dict[str, Any]:
    """The play as plain data, without what is as it would be anyhow, in the order of the schema."""
    options = play.options[:-1] if play.options[-1:] == (SILENCE,) else play.options
    written: dict[str, Any] = {"name": play.name}
    if play.title:
        written["title"] = play.title
    written["purpose"] = play.purpose
    if play.status != "live":
        written["status"] = play.status
    written["moment"] = _trigger(play.moment)
    if play.audience is not None:
        written["audience"] = condition_to_dict(play.audience)
    written["options"] = [_option(option) for option in options or (SILENCE,)]
    if play.goal is not None:
        written["goal"] = _goal(play.goal)
    limits = _limits(play.limits)
    if limits:
        written["limits"] = limits
    if play.chooser != "uniform":
        written["chooser"] = play.chooser
    if play.features:
        written["features"] = list(play.features)
    if play.model:
        written["model"] = play.model
    if play.controls:
        written["controls"] = dict(play.controls)
    usual = {
        "explore_floor": 0.02,
        "holdout": 0.0,
        "priority": 0,
        "effect": "none",
    }
    return written | {
        name: getattr(play, name) for name, value in usual.items() if getattr(play, name) != value
    }


def dump_play(play: Play) -> str:
    """The play as YAML. Reading it again gives an equal play, whose version is that of this text."""
    text: str = yaml.dump(
        play_to_dict(play), Dumper=_Quoting, sort_keys=False, allow_unicode=True, width=100
    )
    return text


class _Quoting(yaml.SafeDumper):
    """Also puts in quotes the texts that only this dialect would take for a number, such as 1e5."""


_Quoting.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(f"(?:{NUMBER.pattern})$"), list("-+.0123456789")
)


def condition_to_dict(condition: Condition) -> dict[str, Any]:
    """A condition as plain data; every comparison has a block of its own."""
    match condition:
        case All(of):
            return {"all": [condition_to_dict(part) for part in of]}
        case AnyOf(of):
            return {"any": [condition_to_dict(part) for part in of]}
        case Not(of):
            return {"not": condition_to_dict(of)}
        case Compare(field, operator, value):
            return {"field": field, operator: list(value) if isinstance(value, tuple) else value}


def _option(option: Option) -> dict[str, Any]:
    written: dict[str, Any] = {"name": option.name, "do": option.do}
    if option.channel != ("" if option.is_silence else "email"):
        written["channel"] = option.channel
    written |= {part: option.content[part] for part in PARTS if part in option.content}
    others = {part: text for part, text in option.content.items() if part not in PARTS}
    if others:
        written["content"] = others
    if option.cost:
        written["cost"] = option.cost
    if option.price is not None:
        written["price"] = option.price
    if option.serves:
        written["serves"] = option.serves
    if option.has:
        written["has"] = list(option.has)
    if option.share is not None:
        written["share"] = option.share
    if option.stock is not None:
        written["stock"] = option.stock
    if option.review:
        written["review"] = True
    return written


def _trigger(moment: Trigger) -> dict[str, Any]:
    ways = {"event": moment.event, "decide": moment.decide, "every_hours": moment.every_hours}
    written: dict[str, Any] = {way: value for way, value in ways.items() if value is not None}
    if moment.where is not None:
        written["where"] = condition_to_dict(moment.where)
    return written


def _goal(goal: Goal) -> dict[str, Any]:
    written: dict[str, Any] = {"event": goal.event, "within_days": goal.window_days}
    if goal.value != 1.0:
        written["value"] = goal.value
    if goal.currency != "EUR":
        written["currency"] = goal.currency
    if goal.early:
        written["early"] = goal.early
    if goal.early_days != 1.0:
        written["early_within_days"] = goal.early_days
    return written


def _limits(limits: Limits) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if limits.per_person:
        written["per_person"] = [
            {"times": cap.times, "days": cap.days} for cap in limits.per_person
        ]
    if limits.total is not None:
        written["total"] = limits.total
    if limits.valid_for_hours != 24.0:
        written["valid_for_hours"] = limits.valid_for_hours
    if limits.lapses_after_days is not None:
        written["lapses_after_days"] = limits.lapses_after_days
    return written
