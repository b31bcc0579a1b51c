"""The rows of what a person said they want: how contacts felt, their aims, and what they look for."""

from collections.abc import Iterator
from typing import Any

import msgspec

from equipoise.nouns import aims, intents
from equipoise.nouns.aims import Aim, plain
from equipoise.rights.export.taking import Row, Taking, iso


def felt_rows(taking: Taking) -> Iterator[Row]:
    """Every answer to how a contact felt, oldest first, and whether it is the one that counts."""
    newest = {one.seq for atom in taking.state.atoms for one in atom.felt}
    for seq, event in taking.events:
        if event.kind != "felt":
            continue
        facts = event.facts
        yield (
            seq,
            iso(event.at_ms),
            str(facts.get("felt", "")),
            str(facts.get("decision", "")),
            str(facts.get("play", "")),
            str(facts.get("option", "")),
            event.source,
            seq in newest,
        )


def aim_rows(taking: Taking) -> Iterator[Row]:
    """Every aim that is remembered: where those that hold stand, and those taken back or over."""
    holding = {balance.aim.seq: balance for balance in taking.aims}
    said = [aim for atom in taking.state.atoms for aim in atom.aims]
    for aim in sorted(said, key=lambda aim: aim.seq):
        balance = holding.get(aim.seq)
        counted = balance is not None and aim.kind != "goal"
        yield (
            aim.seq,
            aim.id,
            "" if aim.withdrawn else aim.kind,
            "withdrawn" if aim.withdrawn else "in force" if balance is not None else "over",
            _plain(aim.most),
            _plain(aim.percent_below),
            "" if aim.kind == "goal" else aim.per,
            "" if aim.kind == "goal" else aim.zone,
            aim.what,
            aim.quantity,
            aim.category,
            aim.currency,
            aim.text,
            iso(aim.at_ms),
            _until(aim),
            _plain(balance.used) if balance is not None and counted else None,
            _plain(balance.left) if balance is not None and counted else None,
            iso(balance.starts_ms) if balance is not None and counted else "",
            "" if aim.withdrawn else _json(aims.facts_of(aim)),
        )


def intent_rows(taking: Taking) -> Iterator[Row]:
    """Every intent that is remembered: those in force, taken back or over."""
    holding = {intent.seq for intent in taking.intents}
    said = [intent for atom in taking.state.atoms for intent in atom.intents]
    for intent in sorted(said, key=lambda intent: intent.seq):
        gone, facts = intent.withdrawn, intents.facts_of(intent)
        yield (
            intent.seq,
            intent.id,
            "withdrawn" if gone else "in force" if intent.seq in holding else "over",
            intent.category,
            _json(list(intent.must)),
            _json(list(intent.nice)),
            _plain(intent.budget),
            intent.currency,
            "" if gone else _json(list(intent.audience)),
            iso(intent.at_ms),
            "" if gone else iso(intent.until_ms),
            "" if gone else _json(facts),
        )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plain(amount: int | None) -> float | None:
    return None if amount is None else float(plain(amount))


def _until(aim: Aim) -> str:
    return "" if aim.withdrawn else iso(aim.until_ms)
