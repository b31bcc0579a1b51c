"""What a person is looking for, in their own words, and who may know of it.

An intent names a category, what it must have, what would be nice, a budget, an end and an audience.
Amounts are whole thousandths.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.nouns.aims import LARGEST, LONGEST_NAME, plain, thousandths
from equipoise.nouns.events import Trust
from equipoise.periods import read_until, write_until

INTENT_DECLARED = "intent.declared"
INTENT_WITHDRAWN = "intent.withdrawn"

MOST_INTENTS = 16
"""Intents of one atom that hold at once."""

MOST_WORDS = 16
"""The most entries of `must`, of `nice`, and of an audience."""

DAY_MS = 86_400_000
DEFAULT_DAYS = 30
MOST_DAYS = 366
"""How long an intent without `until` holds, and the longest that any may."""

HOUSE = "house"
STAFF = "staff"
ALL = "all"
DEFAULT_AUDIENCE = (HOUSE,)
"""Who knows of an intent that names no audience: every play of this house, and no human."""

AUDIENCE = re.compile(r"all|house|staff|(play|purpose|partner):[^|]{1,64}")
"""One entry of an audience: `all`, `house` (its plays), `staff`, or one play, purpose or partner by name."""

_CURRENCY = re.compile(r"[A-Z]{3}")


class Intent(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """One intent as it was declared, or taken back (`withdrawn`) by a later word about the same id.

    It holds from `at_ms` up to `until_ms`; `seq` is the record that said it. `must` and `nice` are the
    person's own words, `budget` the most they would pay, in thousandths, None where they did not say.
    """

    id: str
    at_ms: int
    seq: int
    until_ms: int
    category: str = ""
    must: tuple[str, ...] = ()
    nice: tuple[str, ...] = ()
    budget: int | None = None
    currency: str = ""
    audience: tuple[str, ...] = DEFAULT_AUDIENCE
    trust: Trust = "server"
    withdrawn: bool = False

    def heard_by(self, *names: str) -> bool:
        """Whether the audience has one of these names; `all` is everybody.

        >>> Intent(id="tv", at_ms=0, seq=1, until_ms=9, audience=("play:tv",)).heard_by("house", "play:tv")
        True
        """
        return ALL in self.audience or any(name in self.audience for name in names)

    def heard_by_play(self, play: str, purpose: str) -> bool:
        """Whether a play of this house may know of it."""
        return self.heard_by(HOUSE, f"play:{play}", f"purpose:{purpose}")


def staff_may_read(facts: Mapping[str, Any]) -> bool:
    """Whether the facts of an intent name the staff, so that a console may show them.

    >>> staff_may_read({"audience": ["house"]}), staff_may_read({"audience": ["house", "staff"]})
    (False, True)
    """
    audience = facts.get("audience")
    named = [audience] if isinstance(audience, str) else audience
    return isinstance(named, list | tuple) and (STAFF in named or ALL in named)


class NotAnIntent(ValueError):
    """A fact of an intent cannot be read; the message says which, what was needed and what came."""


def read_intent(facts: Mapping[str, Any], at_ms: int, seq: int, zone: str, trust: Trust) -> Intent:
    """The intent that the facts of `intent.declared` tell; raises `NotAnIntent`.

    `at_ms` is from when it holds, `zone` the clock of the person. Facts: `category`, and if the person
    likes `intent` (an id; without one the category is), `must`, `nice`, `budget` (a number, or an object
    with `amount` and `currency`), `until`, `audience`.
    """
    category = _text(facts.get("category"), "category")
    budget, currency = _budget(facts.get("budget"))
    audience = _words(facts.get("audience"), "audience") or DEFAULT_AUDIENCE
    for name in audience:
        if not AUDIENCE.fullmatch(name):
            needed = "'house', 'staff', 'all', 'play:NAME', 'purpose:NAME' or 'partner:NAME'"
            raise NotAnIntent(f"the fact 'audience' needs a list of {needed}, got {_shown(name)}")
    return Intent(
        id=_text(facts.get("intent", category), "intent"),
        at_ms=at_ms,
        seq=seq,
        until_ms=_until(facts.get("until"), at_ms, zone),
        category=category,
        must=_words(facts.get("must"), "must"),
        nice=_words(facts.get("nice"), "nice"),
        budget=budget,
        currency=currency,
        audience=audience,
        trust=trust,
    )


def read_end(facts: Mapping[str, Any], at_ms: int, seq: int, trust: Trust) -> Intent:
    """What stands for an intent that was taken back: its id, `withdrawn`; raises `NotAnIntent`."""
    name = _text(facts.get("intent"), "intent")
    until_ms = at_ms + MOST_DAYS * DAY_MS
    return Intent(id=name, at_ms=at_ms, seq=seq, until_ms=until_ms, trust=trust, withdrawn=True)


def facts_of(intent: Intent) -> dict[str, Any]:
    """The facts that declare this intent again, here or elsewhere: `read_intent` gives an equal one."""
    facts: dict[str, Any] = {"intent": intent.id, "category": intent.category}
    facts |= {"must": list(intent.must), "nice": list(intent.nice)}
    if intent.budget is not None:
        facts["budget"] = {"amount": intent.budget / 1000}
        if intent.currency:
            facts["budget"]["currency"] = intent.currency
    return facts | {"until": write_until(intent.until_ms), "audience": list(intent.audience)}


def words_of(intent: Intent) -> dict[str, Any]:
    """What an intent says, with its amount as text: what the receipt of it has the digest of."""
    said: dict[str, Any] = {"category": intent.category, "intent": intent.id}
    said |= {
        "must": list(intent.must),
        "nice": list(intent.nice),
        "audience": list(intent.audience),
    }
    if intent.budget is not None:
        said |= {"budget": plain(intent.budget), "currency": intent.currency}
    return said | {"until_ms": intent.until_ms}


def _text(value: Any, fact: str) -> str:
    said = value.strip() if isinstance(value, str) else ""
    if not said or len(said) > LONGEST_NAME:
        raise NotAnIntent(
            f"the fact {fact!r} needs a text of 1 to {LONGEST_NAME} characters, got {_shown(value)}"
        )
    return said


def _words(value: Any, fact: str) -> tuple[str, ...]:
    """A list of short texts, each once and in order; one text alone is a list of one."""
    given: Any = () if value is None else (value,) if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or len(given) > MOST_WORDS:
        raise NotAnIntent(
            f"the fact {fact!r} needs a list of at most {MOST_WORDS} texts, got {_shown(value)}"
        )
    return tuple(dict.fromkeys(_text(word, fact) for word in given))


def _budget(value: Any) -> tuple[int | None, str]:
    if value is None:
        return None, ""
    amount: Any = value
    currency: Any = ""
    if isinstance(value, dict):
        amount, currency = value.get("amount"), value.get("currency", "")
    if type(amount) not in (int, float) or not 0 <= amount <= LARGEST:
        raise NotAnIntent(
            f"the fact 'budget' needs a number from 0 to {LARGEST:.0f}, or an object with such an "
            f"'amount' and a 'currency', got {_shown(value)}"
        )
    if currency != "" and not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        raise NotAnIntent(
            f"the currency of 'budget' needs three capitals such as EUR, got {_shown(currency)}"
        )
    return thousandths(amount), currency


def _until(value: Any, at_ms: int, zone: str) -> int:
    if value is None:
        return at_ms + DEFAULT_DAYS * DAY_MS
    until_ms = read_until(value, zone)
    if until_ms is None or not at_ms < until_ms <= at_ms + MOST_DAYS * DAY_MS:
        raise NotAnIntent(
            "the fact 'until' needs a day such as \"2026-12-31\" (through its end) or a time with its "
            f"offset, to come and at most a year away, got {_shown(value)}"
        )
    return until_ms


def _shown(value: Any) -> str:
    return repr(value)[:80]
