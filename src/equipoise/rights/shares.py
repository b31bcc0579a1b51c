"""What a partner may read, and what it is told: grants, and answers that say no more than was asked. Pure.

An answer comes before a field: a grant that names fields needs the reason why an answer will not do.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from equipoise.nouns.events import Value
from equipoise.nouns.shares import (
    EVERYBODY,
    INTENTS,
    LEAST_GROUP,
    Band,
    Count,
    Counted,
    EndShare,
    OpenShare,
    ReadShare,
    Recipient,
    RenewToken,
    Share,
    ShareRead,
    ShareToken,
)

LIVE_TOKENS = 2
"""The most tokens that live at once: the one in use, and the one that takes its place."""

MOST_ASKED = 20
"""The most questions, or fields, of one grant."""

LONGEST_TEXT = 500
"""The most characters of a recipient's name, and of a reason."""

DAY_MS = 86_400_000
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_FIELD = re.compile(r"[^\s|]{1,200}")


class NotSo(ValueError):
    """A share cannot be opened, changed or read like that; the message says why and what to do."""


# --- grants ---------------------------------------------------------------------------------------


def opened(wish: OpenShare, seq: int, now_ms: int, is_field: Callable[[str], bool]) -> Share:
    """The share that a grant opens; raises `NotSo`. `is_field` knows the profile fields of the house."""
    if not wish.recipient.strip() or len(wish.recipient) > LONGEST_TEXT:
        raise NotSo(f"a share needs the name of its recipient, at most {LONGEST_TEXT} characters")
    if wish.recipient == EVERYBODY:
        raise NotSo("a share needs the name of its recipient; * stands for all of them")
    if not re.fullmatch(r"[^|\s*]{1,64}", wish.purpose):
        raise NotSo(
            f"purpose {wish.purpose!r}: a share needs one purpose, such as partner.delivery"
        )
    if wish.until_ms and wish.until_ms <= now_ms:
        raise NotSo("a share cannot end before it began; leave its end out, or put it off")
    _owed(wish)
    if wish.mode == "answers":
        _answers(wish, is_field)
    else:
        _fields(wish, is_field)
    token = replace(wish.token, made_ms=now_ms, until_ms=0)
    return Share(
        seq=seq,
        recipient=wish.recipient.strip(),
        purpose=wish.purpose,
        by=wish.by,
        opened_ms=now_ms,
        tokens=(token,),
        mode=wish.mode,
        questions=wish.questions,
        fields=wish.fields,
        why=wish.why.strip(),
        duties=wish.duties,
        until_ms=wish.until_ms,
    )


def _owed(wish: OpenShare) -> None:
    if wish.duties.delete_days < 0:
        raise NotSo("the days after which a partner deletes are 0 (not set) or more")
    if wish.duties.delete_by:
        try:
            date.fromisoformat(wish.duties.delete_by)
        except ValueError:
            raise NotSo(
                f"delete by {wish.duties.delete_by!r}: needs a day such as 2027-01-31"
            ) from None


def _answers(wish: OpenShare, is_field: Callable[[str], bool]) -> None:
    if wish.fields or not 1 <= len(wish.questions) <= MOST_ASKED:
        raise NotSo(f"a share of answers needs 1 to {MOST_ASKED} questions, and no fields")
    names = [question.name for question in wish.questions]
    if len(set(names)) < len(names):
        raise NotSo("two questions have one name; each is asked by its own")
    for question in wish.questions:
        if not _NAME.fullmatch(question.name):
            raise NotSo(f"question {question.name!r}: needs a name of small letters, such as adult")
        if isinstance(question, Count) and question.at_least < LEAST_GROUP:
            raise NotSo(
                f"question {question.name}: counts are said from {LEAST_GROUP} people on, "
                f"got {question.at_least}; a smaller group tells of somebody"
            )
        if isinstance(question, Band):
            _band(question, is_field)


def _band(question: Band, is_field: Callable[[str], bool]) -> None:
    if not is_field(question.field):
        raise NotSo(f"question {question.name}: there is no field {question.field!r} here")
    edges = question.edges
    rising = all(low < high for low, high in pairwise(edges))
    if not edges or not rising or not all(map(math.isfinite, edges)):
        raise NotSo(f"question {question.name}: needs one edge or more, each above the one before")


def _fields(wish: OpenShare, is_field: Callable[[str], bool]) -> None:
    if wish.questions or not 1 <= len(wish.fields) <= MOST_ASKED:
        raise NotSo(f"a share of fields needs 1 to {MOST_ASKED} fields by name, and no questions")
    profile = [name for name in wish.fields if name != INTENTS]
    unknown = [name for name in profile if not _FIELD.fullmatch(name) or not is_field(name)]
    if unknown:
        raise NotSo(
            f"there is no field {', '.join(map(repr, unknown))} here; name each, such as traits.city"
        )
    if len(wish.why.strip()) < 10 or len(wish.why) > LONGEST_TEXT:
        raise NotSo(
            "raw fields need the reason why an answer will not do, in a sentence; "
            "ask a question instead where one would, such as adult: traits.age >= 18"
        )


def renewed(share: Share, wish: RenewToken, now_ms: int) -> Share:
    """The share with one more token, the former ones ending; raises `NotSo`."""
    if not share.lives(now_ms):
        raise NotSo(f"{share.id} is over; open another one")
    living = [token for token in share.tokens if lives(token, now_ms)]
    if len(living) >= LIVE_TOKENS:
        raise NotSo(f"{share.id} has two tokens already; wait until the older one has ended")
    ending = {token.id for token in living}
    kept = tuple(
        replace(token, until_ms=min(token.until_ms or wish.until_ms, wish.until_ms))
        if token.id in ending
        else token
        for token in share.tokens
    )
    return replace(share, tokens=(*kept, replace(wish.token, made_ms=now_ms, until_ms=0)))


def ended(share: Share, wish: EndShare, now_ms: int) -> Share:
    """The share as it ends for good; raises `NotSo` where it has ended before."""
    if share.ended_ms:
        raise NotSo(f"{share.id} has ended already")
    return replace(share, ended_ms=now_ms, ended_by=wish.by, note=wish.note[:LONGEST_TEXT])


def lives(token: ShareToken, now_ms: int) -> bool:
    """Whether a token still opens."""
    return not token.until_ms or now_ms < token.until_ms


# --- reads ----------------------------------------------------------------------------------------


def refusal(share: Share, read: ReadShare, now_ms: int) -> str:
    """Why a read is refused, whoever it is about, as a reason code; empty where nothing stands against it."""
    if not share.lives(now_ms):
        return "share_over"
    if not any(token.id == read.token and lives(token, now_ms) for token in share.tokens):
        return "share_token_over"
    if read.purpose != share.purpose:
        return "share_other_purpose"
    granted = {question.name: question for question in share.questions}
    if not read.asked or not set(read.asked) <= granted.keys() | set(share.fields):
        return "share_not_granted"
    counts = {isinstance(granted.get(name), Count) for name in read.asked}
    if len(counts) > 1 or counts == {bool(read.handles)}:
        return "share_not_granted"
    return ""


def band_of(value: Value, edges: Iterable[float]) -> dict[str, float | None] | None:
    """The band that a number lies in: `from` its lower edge, `below` its upper; None for no number.

    >>> band_of(34, (18, 25, 40))
    {'from': 25, 'below': 40}
    >>> band_of(12, (18, 25)), band_of("34", (18,))
    ({'from': None, 'below': 18}, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    low: float | None = None
    for edge in edges:
        if value < edge:
            return {"from": low, "below": edge}
        low = edge
    return {"from": low, "below": None}


def of_group(question: Count, n: int) -> dict[str, Any]:
    """What a partner is told of many: whether there are enough, and then a rounded band of how many.

    >>> from equipoise.nouns.plays import Compare
    >>> many = Count(name="a", condition=Compare("traits.age", "at_least", 18), text="", at_least=20)
    >>> of_group(many, 19)
    {'at_least': 20, 'holds': False, 'band': None}
    >>> of_group(many, 73)["band"]
    {'from': 50, 'below': 100}
    """
    holds = n >= question.at_least
    band = rounded(n) if holds else None
    if band is not None:
        band["from"] = max(band["from"], question.at_least)
    return {"at_least": question.at_least, "holds": holds, "band": band}


def rounded(n: int) -> dict[str, int]:
    """A band of the row 20, 50, 100, 200, 500, ... around a count of at least 20.

    >>> rounded(20), rounded(499), rounded(500)
    ({'from': 20, 'below': 50}, {'from': 200, 'below': 500}, {'from': 500, 'below': 1000})
    """
    low, steps = LEAST_GROUP, (2.5, 2, 2)
    for place in range(200):
        high = round(low * steps[place % 3])
        if n < high:
            return {"from": low, "below": high}
        low = high
    raise OverflowError(f"{n} people are more than there can be")


def counts_needed(share: Share, asked: Iterable[str], day: int) -> tuple[Count, ...]:
    """The counted questions among those asked that were not answered on this UTC day yet."""
    return tuple(
        question
        for question in share.questions
        if isinstance(question, Count)
        and question.name in asked
        and share.counted.get(question.name, Counted(-1, 0)).day != day
    )


def recipients(reads: Iterable[ShareRead]) -> tuple[Recipient, ...]:
    """Who was given what of a person, since when, by name."""
    found: dict[str, list[ShareRead]] = {}
    for read in reads:
        if read.outcome == "granted" and read.atom:
            found.setdefault(read.recipient, []).append(read)
    return tuple(
        Recipient(
            name,
            min(read.at_ms for read in mine),
            max(read.at_ms for read in mine),
            len(mine),
            tuple(sorted({asked for read in mine for asked in read.asked})),
        )
        for name, mine in sorted(found.items())
    )
