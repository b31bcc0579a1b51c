"""What a person wants of themselves: spend at most so much, be contacted less, use less, a goal.

Amounts and counts are whole thousandths, so that sums are the same in any order.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from equipoise.nouns.events import Trust
from equipoise.periods import Per, read_until, write_until

AimKind = Literal["spend_at_most", "contacts_at_most", "use_less", "goal"]
"""Sorts of aims; a goal restrains nothing, the others do."""

AIM_KINDS: tuple[AimKind, ...] = get_args(AimKind)
PERS: tuple[Per, ...] = get_args(Per)

AIM_DECLARED = "aim.declared"
AIM_WITHDRAWN = "aim.withdrawn"

THOUSAND = 1000
MOST_AIMS = 16
"""Aims of one atom that hold at once."""

LARGEST = 1e12
"""The largest amount or count of an aim."""

LONGEST_NAME = 64
"""The most characters of an id, a category, a kind, the name of a fact."""

LONGEST_TEXT = 280
"""The most characters of a goal in the person's own words."""

DAY_MS = 86_400_000
DEFAULT_DAYS = 365
MOST_DAYS = 5 * 366
"""How long an aim without `until` holds, and the longest that any may."""

ALIASES = {
    "orders": "Order Completed",
    "carts": "Product Added",
    "views": "Product Viewed",
    "visits": "page",
}
"""Short names of kinds of events that can be used less."""

_CURRENCY = re.compile(r"[A-Z]{3}")


class Aim(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """One aim as it was declared, or taken back (`withdrawn`) by a later word about the same id.

    It holds from `at_ms` up to `until_ms`; `seq` is the record that said it. `most` is in thousandths,
    `percent_below` in thousandths of a percent below the period before; None where they do not apply. `what`
    is the kind of event that `use_less` counts, `quantity` the fact of it that is added up (empty: each event
    counts one). Periods are those of the clock of `zone`, which was the person's when they said it, so that
    nobody gets a second month by travelling. `since_ms` is from when on it has been counted.
    """

    id: str
    kind: AimKind
    at_ms: int
    seq: int
    until_ms: int
    per: Per = "month"
    zone: str = "UTC"
    most: int | None = None
    percent_below: int | None = None
    what: str = ""
    quantity: str = ""
    category: str = ""
    currency: str = ""
    text: str = ""
    trust: Trust = "server"
    withdrawn: bool = False
    since_ms: int = 0

    @property
    def measure(self) -> str:
        """What is counted for it, and by which calendar: aims with the same share their figures."""
        return f"{self.kind}|{self.what}|{self.quantity}|{self.category}|{self.per}|{self.zone}"


class Balance(msgspec.Struct, frozen=True):
    """An aim that holds, and where it stands in the present period, in thousandths.

    `most` is None where nothing limits: a goal, or a share below a period that is not known yet.
    """

    aim: Aim
    used: int
    most: int | None
    starts_ms: int
    ends_ms: int

    @property
    def left(self) -> int | None:
        """What is left of the limit, 0 where it is reached; None where there is no limit."""
        return None if self.most is None else max(0, self.most - self.used)

    @property
    def reached(self) -> bool:
        """True once nothing is left of the limit."""
        return self.most is not None and self.used >= self.most

    @property
    def share(self) -> float | None:
        """How much of the limit is used, 1.0 where it is just reached; None where there is none."""
        if self.most is None:
            return None
        return self.used / self.most if self.most > 0 else 1.0


def read_aim(facts: Mapping[str, Any], at_ms: int, seq: int, zone: str, trust: Trust) -> Aim | str:
    """The aim that the facts of `aim.declared` or `aim.withdrawn` tell, or what is wrong with them.

    `at_ms` is from when it holds, `zone` the clock of the person. Facts: `aim` (an id; without one the
    kind, what and category are), `kind`, `until`, and by kind `amount`, `n`, `per`, `what`, `at_most`,
    `percent_below`, `quantity`, `category`, `currency`, `text`.
    """
    try:
        return _Reader(facts, at_ms, seq, zone, trust).aim()
    except _Unreadable as fault:
        return str(fault)


def read_withdrawn(facts: Mapping[str, Any], at_ms: int, seq: int, trust: Trust) -> Aim | str:
    """What stands for an aim that was taken back: its id, `withdrawn`; or what is wrong."""
    id_ = facts.get("aim")
    if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_NAME:
        return f"the fact 'aim' needs the id of an aim, 1 to {LONGEST_NAME} characters, got {_shown(id_)}"
    until_ms = at_ms + MOST_DAYS * DAY_MS
    return Aim(
        id=id_, kind="goal", at_ms=at_ms, seq=seq, until_ms=until_ms, trust=trust, withdrawn=True
    )


class _Unreadable(ValueError):
    """An aim lacks something; the message says what was needed and what came."""


class _Reader:
    """Reads one declaration."""

    def __init__(
        self, facts: Mapping[str, Any], at_ms: int, seq: int, zone: str, trust: Trust
    ) -> None:
        self._facts = facts
        self._at_ms = at_ms
        self._seq = seq
        self._zone = zone
        self._trust = trust

    def aim(self) -> Aim:
        """The aim; raises `_Unreadable`."""
        kind = self._facts.get("kind")
        if kind not in AIM_KINDS:
            raise _Unreadable(
                f"the fact 'kind' needs one of {', '.join(AIM_KINDS)}, got {_shown(kind)}"
            )
        category = self._name("category")
        bare = Aim(
            id="",
            kind=kind,
            at_ms=self._at_ms,
            seq=self._seq,
            until_ms=self._until(needed=kind == "goal"),
            zone=self._zone,
            category=category,
            trust=self._trust,
            since_ms=self._at_ms,
        )
        read = {
            "spend_at_most": self._spend,
            "contacts_at_most": self._contacts,
            "use_less": self._use,
            "goal": self._goal,
        }[kind]
        aim = msgspec.structs.replace(bare, **read())
        usual = "/".join(part for part in (aim.kind, aim.what, aim.category) if part)
        return msgspec.structs.replace(aim, id=self._name("aim") or usual[:LONGEST_NAME])

    def _spend(self) -> dict[str, Any]:
        currency = self._facts.get("currency", "")
        if not isinstance(currency, str) or (currency and not _CURRENCY.fullmatch(currency)):
            raise _Unreadable(
                f"the fact 'currency' needs three capitals such as EUR, got {_shown(currency)}"
            )
        return {"most": self._amount("amount"), "per": self._per(), "currency": currency}

    def _contacts(self) -> dict[str, Any]:
        n = self._facts.get("n")
        if type(n) is not int or not 0 <= n <= THOUSAND:
            raise _Unreadable(f"the fact 'n' needs a whole number from 0 to 1000, got {_shown(n)}")
        return {"most": n * THOUSAND, "per": self._per(), "category": ""}

    def _use(self) -> dict[str, Any]:
        what = self._name("what")
        if not what:
            raise _Unreadable(
                "the fact 'what' needs the kind of event that is used less, such as 'orders' or "
                f"'Meter Read', got {_shown(self._facts.get('what'))}"
            )
        most, below = self._facts.get("at_most"), self._facts.get("percent_below")
        if (most is None) == (below is None):
            raise _Unreadable(
                "say one of the facts 'at_most' and 'percent_below', not both or none"
            )
        if below is not None and not 0 < self._amount("percent_below") <= 100 * THOUSAND:
            raise _Unreadable(
                f"the fact 'percent_below' needs a number above 0 up to 100, got {_shown(below)}"
            )
        return {
            "what": ALIASES.get(what, what),
            "quantity": self._name("quantity"),
            "most": None if most is None else self._amount("at_most"),
            "percent_below": None if below is None else self._amount("percent_below"),
            "per": self._per(),
        }

    def _goal(self) -> dict[str, Any]:
        text = self._facts.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
            raise _Unreadable(
                f"the fact 'text' needs the goal in 1 to {LONGEST_TEXT} characters, got {_shown(text)}"
            )
        return {"text": text.strip()}

    # --- single facts -------------------------------------------------------------------------

    def _name(self, fact: str) -> str:
        value = self._facts.get(fact, "")
        if not isinstance(value, str) or len(value) > LONGEST_NAME or "|" in value:
            raise _Unreadable(
                f"the fact {fact!r} needs a text of at most {LONGEST_NAME} characters without '|', "
                f"got {_shown(value)}"
            )
        return value.strip()

    def _amount(self, fact: str) -> int:
        value: Any = self._facts.get(fact)
        if type(value) not in (int, float) or not 0 <= value <= LARGEST:
            raise _Unreadable(
                f"the fact {fact!r} needs a number from 0 to {LARGEST:.0f}, got {_shown(value)}"
            )
        return thousandths(value)

    def _per(self) -> Per:
        per: Any = self._facts.get("per", "month")
        if per not in PERS:
            raise _Unreadable(f"the fact 'per' needs one of {', '.join(PERS)}, got {_shown(per)}")
        return per  # type: ignore[no-any-return]

    def _until(self, *, needed: bool) -> int:
        value = self._facts.get("until")
        if value is None and not needed:
            return self._at_ms + DEFAULT_DAYS * DAY_MS
        until_ms = read_until(value, self._zone)
        if until_ms is None:
            raise _Unreadable(
                "the fact 'until' needs a day such as \"2026-12-31\" (through its end) or a time with "
                f"its offset, got {_shown(value)}"
            )
        if not self._at_ms < until_ms <= self._at_ms + MOST_DAYS * DAY_MS:
            raise _Unreadable(
                f"the fact 'until' needs a time to come, at most five years away, got {_shown(value)}"
            )
        return until_ms


def facts_of(aim: Aim) -> dict[str, Any]:
    """The facts that declare this aim again, here or elsewhere: `read_aim` gives an equal one.

    Which clock counts is the house's to find out anew, so the zone is not among them.
    """
    facts: dict[str, Any] = {"aim": aim.id, "kind": aim.kind, "until": write_until(aim.until_ms)}
    facts |= {name: getattr(aim, name) for name in _SAID if getattr(aim, name)}
    if aim.kind != "goal":
        facts["per"] = aim.per
    if aim.most is not None:
        name, n = _MOST[aim.kind], aim.most
        facts[name] = n // THOUSAND if aim.kind == "contacts_at_most" else n / THOUSAND
    if aim.percent_below is not None:
        facts["percent_below"] = aim.percent_below / THOUSAND
    return facts


_SAID = ("what", "quantity", "category", "currency", "text")
_MOST: dict[AimKind, str] = {
    "spend_at_most": "amount",
    "contacts_at_most": "n",
    "use_less": "at_most",
}
"""The fact that says the limit, by the kind of the aim."""


def thousandths(value: float) -> int:
    """A finite amount in whole thousandths, the nearest.

    >>> thousandths(19.9), thousandths(-0.0004), thousandths(3)
    (19900, 0, 3000)
    """
    return round(value * THOUSAND)


def plain(amount: int) -> str:
    """Thousandths as people write them, without a needless fraction.

    >>> plain(50_000), plain(19_900), plain(1_234_567), plain(5)
    ('50', '19.9', '1234.567', '0.005')
    """
    sign, whole = ("-" if amount < 0 else ""), abs(amount)
    said = f"{whole // THOUSAND}.{whole % THOUSAND:03d}".rstrip("0").rstrip(".")
    return sign + said


def _shown(value: Any) -> str:
    return repr(value)[:80]
