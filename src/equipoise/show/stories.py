"""Receipts and records of the log as sentences: what happened, in the order in which it did."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from equipoise.nouns import records
from equipoise.nouns.changes import LogRow, ReceiptRow
from equipoise.nouns.events import Event
from equipoise.nouns.hypotheses import FoundJoins, JoinAnswer, JoinRecord
from equipoise.nouns.intents import INTENT_DECLARED, INTENT_WITHDRAWN, staff_may_read
from equipoise.nouns.people import HeldJoin, Join
from equipoise.nouns.rights import AnswerRight, AskRight, RightRecord
from equipoise.nouns.sheet import PLACES
from equipoise.show.house import Sentences
from equipoise.show.languages import Language
from equipoise.show.story import Story, Verdict, Weighed, plain

_BODIES: dict[str, Any] = {
    "event": Event,
    "decide": records.DecideRequest,
    "play": records.PlayVersion,
    "delivery": records.Delivery,
    "human": records.HumanAnswer,
    "split": records.Split,
    "right": RightRecord,
    "join": JoinRecord,
}


class _Header(msgspec.Struct, frozen=True):
    """What the log keeps of a version of a model; its body stands apart."""

    name: str
    sha256: str


class Teller:
    """Tells receipts and log rows in one language."""

    def __init__(self, sentences: Sentences, language: Language) -> None:
        self._sentences = sentences
        self._language = language

    # --- receipts -----------------------------------------------------------------------------

    def receipt(self, row: ReceiptRow) -> Story:
        """One receipt, whatever its type; one of a type unknown here is told by that type's name."""
        raw: dict[str, Any] = msgspec.json.decode(row.body)
        told = getattr(self, f"_{raw.get('type')}", None)
        if raw.get("type") in _TOLD and told is not None:
            story: Story = told(row, raw)
            return story
        return self._other(row, raw)

    def _decision(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        options = raw["options"]
        chosen = next((o for o in options if o["option"] == raw["chosen"]), None)
        drawable = [o for o in options if float(o["propensity"]) > 0]
        share = float(chosen["propensity"]) if chosen else 1.0
        chance = len(drawable) > 1
        told = {
            "outcome": raw["outcome"],
            "reason": raw["reason"],
            "detail": raw["detail"],
            "option": raw["chosen"],
            "chance": chance,
            "propensity": share,
            "best": self._best(options),
        }
        notes = [raw["purpose"]] if raw["purpose"] else []
        if chosen and chosen["channel"]:
            notes.append(self._language.word("channel", chosen["channel"]))
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=raw["at_ms"],
            tone=raw["outcome"],
            chip=self._language.word("outcome", raw["outcome"]),
            sentence=self._sentences.why(told, self._language.code),
            notes=tuple(notes),
            play=raw["play"],
            decision=raw["id"],
            reasons=self._reasons(raw),
            weighed=tuple(self._weighed(option, raw["chosen"]) for option in options),
            raw=raw,
        )

    def _best(self, options: Iterable[Mapping[str, Any]]) -> str:
        """The option with the highest score, or nothing where no model was asked."""
        scored = [option for option in options if "score" in option]
        best = max(scored, key=lambda option: float(option["score"]), default={"option": ""})
        return str(best["option"])

    def _reasons(self, raw: Mapping[str, Any]) -> tuple[str, ...]:
        if not raw.get("model") and not raw.get("arm"):
            return ()
        explained = self._sentences.explain(raw, self._language.code, contrasts=False)
        return explained.sentences if explained is not None else ()

    def _weighed(self, option: Mapping[str, Any], chosen: str) -> Weighed:
        return Weighed(
            option=option["option"],
            do=option["do"],
            channel=option["channel"],
            propensity=float(option["propensity"]),
            chosen=option["option"] == chosen,
            verdicts=tuple(
                Verdict(
                    verdict["guard"],
                    verdict["answer"],
                    self.reason(verdict["reason"], verdict.get("detail")),
                )
                for verdict in option["verdicts"]
            ),
            score=float(option["score"]) if "score" in option else None,
        )

    def _terms(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        language, said = self._language, raw["said"]
        channel = said.get("channel", "*")
        everywhere = language.text("person.everywhere")
        notes = [said["purpose"]] if "purpose" in said else []
        notes.append(everywhere if channel == "*" else language.word("channel", channel))
        notes += [
            f"{name} {said[name]}" for name in ("topic", "per_week", "from", "to") if name in said
        ]
        if raw["notice"].get("id"):
            notes.append(language.text("story.notice", {"id": raw["notice"]["id"]}))
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=raw["at_ms"],
            tone="terms",
            chip=language.text("story.terms"),
            sentence=language.word("terms", raw["kind"].removeprefix("terms.")),
            notes=tuple(notes),
            raw=raw,
        )

    def _silences(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        language = self._language
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=raw["last_ms"],
            tone="silence",
            chip=language.word("outcome", "silence"),
            sentence=language.text(
                "story.silences", {"n": raw["n"], "why": self.reason(raw["reason"])}
            ),
            notes=(language.day(raw["first_ms"]),),
            play=raw["play"],
            decision=raw["decision"],
            raw=raw,
        )

    def _request(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        """One step of a request, or an erasure that was carried out."""
        language = self._language
        kind, did = raw.get("kind", "erasure"), raw.get("did", "fulfil")
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=raw["at_ms"],
            tone="bad" if did == "run_out" else "terms",
            chip=language.word("request_kind", kind),
            sentence=raw.get("reason") or language.word("request_verb", did),
            notes=(raw["request"], language.word("request_status", raw.get("status", "fulfilled"))),
            play=raw.get("play", ""),
            decision=raw.get("decision", ""),
            raw=raw,
        )

    _erasure = _request

    def _share(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        """A partner asked: what it was told, or why it was refused."""
        language = self._language
        given = raw.get("answer") or raw.get("fields") or {}
        what = ", ".join(f"{name}: {value}" for name, value in given.items())
        told = language.text("story.share_granted", {"what": what or "-"})
        granted = raw["outcome"] == "granted"
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=raw["at_ms"],
            tone="act" if granted else "silence",
            chip=language.word("record", "share"),
            sentence=told if granted else self.reason(raw["reason"]),
            notes=(raw["recipient"], raw["purpose"], *raw["asked"]),
            raw=raw,
        )

    def _share_stop(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        """The person said no to a partner, or to all, or took that back."""
        everybody = raw["recipient"] == "*"
        verb = "stop" if raw["outcome"] == "stopped" else "lift"
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=raw["at_ms"],
            tone="terms",
            chip=self._language.word("record", "share"),
            sentence=self._language.text(f"story.share_{verb}{'_all' if everybody else ''}"),
            notes=() if everybody else (raw["recipient"],),
            raw=raw,
        )

    def _other(self, row: ReceiptRow, raw: dict[str, Any]) -> Story:
        """What became of an action (taken back, not delivered, answered by a human), or what was said."""
        language, told = self._language, raw.get("record", {}) | raw
        kind = "_".join(str(told[k]) for k in ("type", "did", "status") if k in told)
        reason = str(raw.get("reason", ""))
        because = self.reason(reason) if kind == "cancelled" else reason
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=int(raw.get("at_ms", 0)),
            tone="terms" if raw["type"] in _SAID else "review" if kind[:5] == "human" else "bad",
            chip=language.word("receipt", kind),
            sentence=because or language.word("sentence", kind),
            notes=tuple(str(told[name]) for name in _NOTED if told.get(name)),
            play=str(raw.get("play", "")),
            decision=str(raw.get("decision", "")),
            raw=raw,
        )

    def bar(self, code: str) -> str:
        """The sentence under a bar of silences; what is left over has a name of its own."""
        return self._language.text("live.other") if code == "other" else self.reason(code)

    def reason(self, code: str, detail: Mapping[str, str] | None = None) -> str:
        """The sentence of a reason code."""
        return self._sentences.reason(code, self._language.code, detail or {})

    def times(self, rows: Iterable[ReceiptRow]) -> dict[int, int]:
        """When the record was walked to which each receipt belongs, by the record's number."""
        told = (self.receipt(row) for row in rows)
        return {
            story.seq - story.seq % PLACES: story.at_ms
            for story in told
            if story.raw["type"] == "decision"
        }

    # --- who is who ---------------------------------------------------------------------------

    def join(self, join: Join) -> Story:
        """Two atoms became one person, and the handles that say so."""
        return Story(
            seq=join.seq,
            atom=join.left,
            at_ms=join.at_ms,
            tone="join",
            chip=self._language.text("people.joined"),
            sentence=self._language.text("people.joined_by"),
            notes=tuple(kind for kind, _ in join.evidence),
        )

    def held(self, held: HeldJoin) -> Story:
        """Two atoms that were kept apart, and why."""
        return Story(
            seq=held.seq,
            atom=held.left,
            at_ms=held.at_ms,
            tone="held",
            chip=self._language.text("people.held"),
            sentence=self._sentences.held_join(held.reason, self._language.code),
            notes=tuple(kind for kind, _ in held.evidence),
        )

    # --- the log ------------------------------------------------------------------------------

    def record(self, row: LogRow, at_ms: int = 0) -> Story:
        """One record of the log; `at_ms` is its time where the record has none of its own."""
        body = (
            msgspec.json.decode(row.body, type=_Header)
            if row.kind == "model"
            else msgspec.msgpack.decode(row.body, type=_BODIES.get(row.kind, Any))
        )
        language = self._language
        tone, sentence = "event", ""
        notes: tuple[str, ...] = ()
        facts: dict[str, str] = {}
        match body:
            case Event():
                sentence, at_ms = body.kind, body.received_ms
                if body.kind not in _SOUGHT or staff_may_read(body.facts):
                    facts = {name: plain(value) for name, value in body.facts.items()}
                notes = (language.word("channel", body.channel), body.source)
            case records.DecideRequest():
                sentence = language.text("story.asked", {"moment": body.moment})
                facts = {name: plain(value) for name, value in body.facts.items()}
                notes = (language.word("channel", body.channel),)
            case records.Delivery():
                sentence = language.word("delivery", body.result)
                tone = "act" if body.result == "sent" else "bad"
                notes = (f"d_{body.action}", body.detail)
            case records.HumanAnswer():
                tone, sentence = "review", language.word("receipt", f"human_{body.answer}")
                notes = (f"d_{body.action}", body.by, body.note)
            case records.Split():
                tone, sentence = "join", language.text("story.split", {"by": body.by})
                notes = (body.note,)
            case records.PlayVersion():
                sentence = language.text("story.play", {"name": body.name})
                notes = (body.sha256[:12],)
            case AskRight():
                tone, sentence = "terms", language.word("request_kind", body.kind)
                notes = (body.by, body.text)
            case AnswerRight():
                tone, sentence = "review", language.word("request_verb", body.verb)
                notes = (f"r_{body.request}", body.by, body.reason)
            case FoundJoins() | JoinAnswer():
                tone, sentence = "join", language.word("join_verb", getattr(body, "verb", "found"))
                notes = (getattr(body, "by", ""), getattr(body, "note", ""))
            case _Header():
                sentence = language.text("story.model", {"name": body.name})
                notes = (body.sha256[:12],)
            case _:
                pass
        return Story(
            seq=row.seq,
            atom=row.atom,
            at_ms=at_ms,
            tone=tone,
            chip=language.word("record", row.kind),
            sentence=sentence,
            notes=tuple(note for note in notes if note),
            facts=facts,
        )


_SOUGHT = frozenset((INTENT_DECLARED, INTENT_WITHDRAWN))
_SAID = frozenset(("felt", "aim", "intent", "agreement", "aggregate", "join"))
_NOTED = (
    "felt",
    "aim",
    "option",
    "channel",
    "recipient",
    "measure",
    "field",
    "group",
    "hypothesis",
    "score",
    "by",
    "proffered",
    "countered",
)
_TOLD = frozenset(("decision", "terms", "silences", "request", "erasure", "share", "share_stop"))
