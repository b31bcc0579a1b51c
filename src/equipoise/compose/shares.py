"""Shares: tokens, questions as they are typed, and what the door for partners is handed."""

import asyncio
import re
import secrets
import string
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec

from equipoise.account.note import encode64
from equipoise.account.proof import write_proof
from equipoise.account.publishing import Publisher
from equipoise.account.shares import asks, duties_of
from equipoise.compose.apart import EndedBadly, apart
from equipoise.compose.library import rules_of
from equipoise.doors.answers import Refusal
from equipoise.doors.pacing import Pace
from equipoise.doors.partner_bodies import ProofReply
from equipoise.doors.partners import PartnerDoor
from equipoise.nouns.plays import Condition
from equipoise.nouns.rules import Rules
from equipoise.nouns.shares import LEAST_GROUP, Band, Count, Holds, Question, Share, ShareToken
from equipoise.nouns.state import PersonState
from equipoise.plays.phrases import sentence
from equipoise.plays.reading import Known, PlayMistakes, read_condition
from equipoise.ports import Clock, Desk, Store
from equipoise.rights.shares import DAY_MS, counts_needed
from equipoise.settings import Settings
from equipoise.sharing import counts_in

ID_SIGNS = 8
SECRET_BYTES = 32
PEOPLE_AT_ONCE = 500

_ALPHABET = string.ascii_lowercase + string.digits
_SIGNS = {
    ">=": "at_least",
    "<=": "at_most",
    "!=": "is_not",
    "==": "is",
    ">": "more_than",
    "<": "less_than",
    "=": "is",
}
_COMPARED = re.compile(r"(?P<field>[^\s=<>!]+)\s*(?P<sign>>=|<=|!=|==|=|>|<)\s*(?P<value>\S.*)")
_state = msgspec.msgpack.Decoder(PersonState).decode


class NotCounted(Exception):
    """The process that counts people failed."""


class NoQuestion(ValueError):
    """What was typed is no question; the message says what to do."""


def new_token(env: str = "live") -> tuple[str, ShareToken]:
    """A fresh token `eqs_ENV_ID_SECRET`, and what is kept of it: its id and its SHA-256."""
    id_ = "".join(secrets.choice(_ALPHABET) for _ in range(ID_SIGNS))
    text = f"eqs_{env}_{id_}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return text, ShareToken(id_, sha256(text.encode()).hexdigest())


# --- questions as they are typed --------------------------------------------------------------------


def read_asked(line: str, known: Known | None = None) -> Question:
    """The question that a line means; raises `NoQuestion`.

    `NAME: CONDITION`, `NAME: band FIELD EDGE EDGE ...` or `NAME: count LEAST CONDITION`, where a
    condition is `FIELD >= VALUE`, several of them with ` and ` between, or one in the words of a play.
    """
    name, colon, rest = line.partition(":")
    name, rest = name.strip(), rest.strip()
    if not colon or not rest:
        raise NoQuestion(f"{line!r}: write NAME: CONDITION, such as adult: traits.age >= 18")
    word, _, after = rest.partition(" ")
    if word == "band":
        field, *edges = after.split() or [""]
        try:
            return Band(name=name, field=field, edges=tuple(float(edge) for edge in edges))
        except ValueError:
            raise NoQuestion(
                f"{name}: the edges of a band are numbers, such as age: band traits.age 18 25 65"
            ) from None
    if word == "count":
        least, _, text = after.strip().partition(" ")
        if not least.isdecimal():
            raise NoQuestion(
                f"{name}: write from how many people on it is said, such as "
                f"adults: count {LEAST_GROUP} traits.age >= 18"
            )
        return _count(name, int(least), text.strip(), known)
    return Holds(name=name, condition=_condition(name, rest, known), text=rest)


def _count(name: str, least: int, text: str, known: Known | None) -> Count:
    return Count(name=name, condition=_condition(name, text, known), text=text, at_least=least)


def _condition(name: str, text: str, known: Known | None) -> Condition:
    try:
        return read_condition(text if text.startswith("{") else _spelled(name, text), known)
    except PlayMistakes as mistakes:
        raise NoQuestion(f"{name}: {mistakes}") from None


def _spelled(name: str, text: str) -> str:
    """`traits.age >= 18 and traits.city = Nice` in the words of a play."""
    parts = []
    for part in re.split(r"\s+and\s+", text):
        found = _COMPARED.fullmatch(part.strip())
        if found is None:
            raise NoQuestion(f"{name}: {part!r}: write FIELD >= VALUE, such as traits.age >= 18")
        parts.append({"field": found["field"], _SIGNS[found["sign"]]: _value(found["value"])})
    return msgspec.json.encode(parts[0] if len(parts) == 1 else {"all": parts}).decode()


def _value(text: str) -> str | int | float | bool:
    try:
        return msgspec.json.decode(text, type=str | int | float | bool)
    except msgspec.DecodeError:
        return text.strip("'\"")


# --- counting ---------------------------------------------------------------------------------------


def count(
    store: Store, share: Share, names: tuple[str, ...], rules: Rules, now_ms: int
) -> dict[str, int]:
    """How many people fulfil each of these counted questions, of those whom the share may count."""
    asked = [one for one in share.questions if isinstance(one, Count) and one.name in names]
    found = {question.name: 0 for question in asked}
    last = -1
    while asked and (people := store.people_after(last, PEOPLE_AT_ONCE)):
        for blob in store.states(people).values():
            state = _state(blob)
            for question in asked:
                found[question.name] += counts_in(state, share, question.condition, rules, now_ms)
        last = people[-1]
    return found


class CountWork(msgspec.Struct):
    """What the process apart is handed: the settings, the share, names of questions, and the time (ms)."""

    settings: dict[str, Any]
    share: Share
    names: tuple[str, ...]
    now_ms: int


class Counting:
    """Counts people for a share, once a day each question, one after the other.

    Apart, in a process of its own, so that neither door nor step waits; here where one process alone
    holds the store.
    """

    def __init__(self, settings: Settings, store: Store, clock: Clock, *, apart: bool) -> None:
        self._settings = settings
        self._store = store
        self.clock = clock
        self._apart = apart
        self._one = asyncio.Lock()

    async def __call__(self, share: Share, asked: tuple[str, ...]) -> dict[str, int]:
        """How many people fulfil those of the questions that count and were not counted today."""
        now_ms = self.clock.now_ms()
        async with self._one:
            # Whoever waited finds the share as the count before it has left it.
            share = next(iter(self._store.shares([share.seq])), share)
            names = tuple(one.name for one in counts_needed(share, asked, now_ms // DAY_MS))
            if not names or not share.lives(now_ms):
                return {}
            if not self._apart:
                return count(self._store, share, names, rules_of(self._settings), now_ms)
            return await self._elsewhere(CountWork(self._settings.values, share, names, now_ms))

    async def _elsewhere(self, work: CountWork) -> dict[str, int]:
        try:
            out = await apart("equipoise.compose.counting", msgspec.msgpack.encode(work))
        except EndedBadly as error:
            raise NotCounted(f"the process that counts {error}") from None
        return msgspec.msgpack.decode(out, type=dict[str, int])


# --- the door ---------------------------------------------------------------------------------------


def prove(publisher: Publisher, store: Store, seq: int) -> ProofReply | None:
    """That a receipt stands in the ledger, without its body or its salt; None where it is gone."""
    found, row = publisher.bundles([seq]).get(seq), store.receipts([seq]).get(seq)
    leaf = store.leaf(row.leaf) if row is not None else None
    if found is None or leaf is None:
        return None
    return ProofReply(f"v_{seq}", encode64(leaf), write_proof(found.proof), publisher.vkey)


def partner_door(
    settings: Settings, store: Store, publisher: Publisher, desk: Desk, counting: Counting
) -> PartnerDoor:
    """What the door for partners is handed, over one house."""
    per_s = settings.number("sharing.per_s")

    async def counted(share: Share, asked: tuple[str, ...]) -> dict[str, int]:
        try:
            return await counting(share, asked)
        except NotCounted as trouble:
            raise Refusal(500, "share_not_counted", str(trouble)) from None

    return PartnerDoor(
        store=store,
        desk=desk,
        clock=counting.clock,
        count=counted,
        prove=partial(prove, publisher, store),
        sentence=lambda code: sentence(code, "en"),
        duties=duties_of,
        asks=asks,
        pace=Pace(per_s, 2.0 * per_s) if per_s > 0.0 else None,
    )
