"""The rows of a person's tables, in the order of their columns, which say what is text and what is JSON."""

from collections.abc import Iterator
from typing import Any

import msgspec

from equipoise.nouns.state import AtomState
from equipoise.rights.export.taking import SHARES, Known, Receipt, Row, Sentence, Taking, iso
from equipoise.rights.export.wishes import aim_rows, felt_rows, intent_rows

EXPECTED = ("score", "value", "cost", "leaving", "response", "left")
"""What a model expected of an option, as a decision's receipt names it."""

STATED = ("email", "phone")
"""Kinds of handles that people give; the others come with their doings."""

_ENGLISH, _FRENCH = "en", "fr"


def text(value: Any) -> str:
    """A value as JSON, its names in order, so that equal values read alike."""
    return msgspec.json.encode(value, order="sorted").decode()


def rows_of(taking: Taking, sentence: Sentence) -> dict[str, list[Row]]:
    """The rows of every table, by the name of the table."""
    return {
        "events": list(_events(taking)),
        "attributes": list(_attributes(taking)),
        "inferred": list(_inferred(taking)),
        "decisions": list(_decisions(taking, sentence)),
        "consents": list(_consents(taking)),
        "terms": [row for atom in taking.state.atoms for row in _terms(atom)],
        "felt": list(felt_rows(taking)),
        "aims": list(aim_rows(taking)),
        "intents": list(intent_rows(taking)),
        "shares": list(_shares(taking)),
        "lessons": list(_lessons(taking)),
        "requests": list(_requests(taking)),
        "records": [(one.seq, one.kind, text(one.body)) for one in taking.records],
    }


def _events(taking: Taking) -> Iterator[Row]:
    for seq, event in taking.events:
        yield (
            seq,
            event.id,
            event.kind,
            iso(event.at_ms),
            iso(event.received_ms),
            event.channel,
            event.source,
            event.provenance,
            event.trust,
            event.history,
            text(event.handles),
            text(event.facts),
            text(event.context),
            iso(event.sent_ms or 0),
            iso(event.original_ms or 0),
        )


def _attributes(taking: Taking) -> Iterator[Row]:
    for atom in taking.state.atoms:
        for handle in atom.handles:
            name, meaning = f"handle.{handle.kind}", "One way in which you are recognised."
            how = "stated" if handle.kind in STATED else "observed"
            yield (name, text(handle.value), how, "", meaning, True)
    for known in taking.known:
        if not known.folded and known.provenance != "inferred":
            yield (
                known.name,
                text(known.value),
                known.provenance,
                iso(known.at_ms),
                known.meaning,
                known.provenance in ("stated", "observed"),
            )


def _inferred(taking: Taking) -> Iterator[Row]:
    as_of = iso(taking.as_of_ms)
    for known in taking.known:
        if known.folded or known.provenance == "inferred":
            yield _concluded(known, as_of)
    for receipt in taking.of_type("decision"):
        body = receipt.body
        for option in body.get("options", ()):
            for measure in EXPECTED:
                if measure in option:
                    yield (
                        f"{receipt.name}.{option['option']}.{measure}",
                        option[measure],
                        "",
                        "inferred",
                        str(body.get("model", "")),
                        iso(body["at_ms"]),
                        f"What was expected of this option: {measure}.",
                    )


def _concluded(known: Known, as_of: str) -> Row:
    value = text(known.value)
    return (known.name, value, known.unit, known.provenance, "fold", as_of, known.meaning)


def _decisions(taking: Taking, sentence: Sentence) -> Iterator[Row]:
    for receipt in taking.of_type("decision"):
        body, action = receipt.body, taking.actions.get(receipt.seq)
        reason, detail = str(body["reason"]), body.get("detail", {})
        yield (
            receipt.seq,
            receipt.name,
            iso(body["at_ms"]),
            body["play"],
            body["version"],
            body["purpose"],
            text(body["basis"]),
            body["moment"]["kind"],
            body["outcome"],
            body["chosen"],
            reason,
            sentence(reason, _ENGLISH, detail),
            sentence(reason, _FRENCH, detail),
            body["chooser"],
            body.get("model", ""),
            text(body["data_used"]),
            body["draw"],
            action.status if action else "",
            action.attempts if action else None,
            text(action.content) if action else "",
        )


def _consents(taking: Taking) -> Iterator[Row]:
    newest = {stance.seq for atom in taking.state.atoms for stance in atom.terms.stances.values()}
    for seq, event in taking.events:
        if not event.kind.startswith("terms.") or "purpose" not in event.facts:
            continue
        notice = event.facts.get("notice")
        notice = notice if isinstance(notice, dict) else {}
        yield (
            seq,
            iso(event.at_ms),
            event.kind,
            _plain(event.facts["purpose"]),
            _plain(event.facts.get("channel", "*")),
            event.source,
            _plain(notice.get("id", "")),
            _plain(notice.get("sha256", event.facts.get("notice_sha256", ""))),
            _plain(notice.get("language", event.facts.get("language", ""))),
            seq in newest,
        )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else text(value)


def _terms(atom: AtomState) -> Iterator[Row]:
    terms = atom.terms
    for agreed in terms.agreed.values():
        until = iso(agreed.until_ms)
        yield ("agreement", text(agreed.id), "in force", iso(agreed.at_ms), until, agreed.seq)
    for talk in terms.talks.values():
        told = text({"proffered": talk.agreement, "counter": talk.counter})
        yield ("negotiation", told, talk.status, iso(talk.at_ms), iso(talk.until_ms), talk.seq)
    for name, signal in terms.signals.items():
        told = text({"signal": name, "bars": signal.bars})
        yield ("signal", told, "in force", iso(signal.at_ms), "", signal.seq)
    if terms.per_week is not None:
        week = text(terms.per_week)
        yield ("contacts a week", week, "in force", iso(terms.set_ms), "", terms.set_seq)
    if terms.quiet is not None:
        quiet = text(terms.quiet)
        yield ("quiet minutes", quiet, "in force", iso(terms.quiet_ms), "", terms.quiet_seq)
    if atom.rights.restricted:
        yield ("restriction", text(True), "in force", "", "", atom.rights.restricted)  # noqa: FBT003 - a value
    for key, request in sorted(atom.rights.contested.items()):
        yield ("contested", text(key), "in force", "", "", request)
    for recipient, seq in sorted(atom.rights.stopped.items()):
        yield ("nothing to", text(recipient), "in force", "", "", seq)


def _shares(taking: Taking) -> Iterator[Row]:
    for receipt in taking.of_type(SHARES):
        body = receipt.body
        what = {name: body[name] for name in ("fields", "answer") if name in body}
        yield (
            receipt.seq,
            iso(int(body.get("at_ms", 0))),
            str(body.get("recipient", "")),
            str(body.get("purpose", "")),
            str(body.get("outcome", "")),
            str(body.get("reason", "")),
            text(list(body.get("asked", []))),
            text(what),
            text(body.get("duties", {})),
            text(body),
        )


def _lessons(taking: Taking) -> Iterator[Row]:
    for one in taking.lessons:
        yield (
            one.seq,
            f"d_{one.decision}",
            one.play,
            "lesson",
            one.option,
            one.arm,
            iso(one.decided_ms),
            iso(one.matured_ms),
            one.n,
            one.value,
            one.left,
            one.propensity,
            text(one.inputs),
        )
    for atom in taking.state.atoms:
        for window in atom.windows:
            if not window.lesson:
                yield (
                    window.decision,
                    f"d_{window.decision}",
                    window.play,
                    "open",
                    window.option,
                    window.arm,
                    iso(window.decided_ms),
                    "",
                    window.n,
                    window.total,
                    bool(window.left_ms),
                    window.propensity,
                    text(window.inputs),
                )
        for trial in atom.trials:
            over = iso(trial.until_ms) if trial.over else ""
            begun, left = iso(trial.begun_ms), bool(trial.left_ms)
            measured = (trial.n, trial.total, left, None, text({"before": trial.before}))
            yield (atom.id, "", trial.play, "comparison", "", trial.arm, begun, over, *measured)


def _requests(taking: Taking) -> Iterator[Row]:
    for one in taking.requests:
        yield (
            one.seq,
            one.kind,
            one.status,
            iso(one.asked_ms),
            iso(one.due_ms),
            iso(one.answered_ms),
            one.reason,
            one.text,
            text(one),
        )


def newest_reasons(
    taking: Taking, language: str, sentence: Sentence, most: int
) -> list[tuple[str, str, Receipt]]:
    """The newest decisions as time, sentence and receipt, for a page that people read."""
    found = taking.of_type("decision")[-most:][::-1]
    return [
        (
            iso(one.body["at_ms"]),
            sentence(str(one.body["reason"]), language, one.body.get("detail", {})),
            one,
        )
        for one in found
    ]
