"""The terms events of a person, told as one record for each purpose and channel."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from equipoise.nouns.consents import VALID, ConsentRecord, ConsentState, Said, Served
from equipoise.nouns.events import Event
from equipoise.nouns.rules import Rules

_STOPPED = ("Unsubscribed", "Email Unsubscribed", "Email Marked as Spam")
_DENIED = ("terms.withdrawn", "terms.objected", *_STOPPED)


def records_of(
    told: Iterable[tuple[int, Event]],
    person: str,
    origin: str,
    rules: Rules,
    texts: Mapping[str, str] | None = None,
) -> tuple[ConsentRecord, ...]:
    """Records of what these events (with their numbers in the log, in its order) came to.

    A denial of all purposes or channels withdraws every consent that it covers; what covers none is a
    record of its own. `texts` maps the SHA-256 of notices to their text, for events that told the digest
    alone. Only events that were folded belong here. Ids are UUIDs made of the names, the same each time.
    """
    acts: dict[tuple[str, str], list[Said]] = {}
    for seq, event in told:
        if event.kind == "terms.granted":
            key = _key(event)
            before = acts.setdefault(key, [])
            before.append(
                _said(seq, event, "RenewedConsentGiven" if before else "ConsentGiven", texts)
            )
        elif event.kind in _DENIED:
            _deny(acts, seq, event, texts)
    return tuple(
        ConsentRecord(
            id=str(uuid5(NAMESPACE_URL, f"{origin}/{person}/{purpose}/{channel}")),
            person=person,
            purpose=purpose,
            channel=channel,
            basis=rules.basis(purpose),
            said=tuple(acts[purpose, channel]),
        )
        for purpose, channel in sorted(acts)
    )


def _deny(
    acts: dict[tuple[str, str], list[Said]],
    seq: int,
    event: Event,
    texts: Mapping[str, str] | None,
) -> None:
    purpose, channel = _key(event)
    saved = event.facts.get("save")
    kept = saved if isinstance(saved, list) else []
    covered = [
        key
        for key, said in acts.items()
        if purpose in ("*", key[0])
        and channel in ("*", key[1])
        and key[0] not in kept
        and said[-1].state in VALID
    ]
    for key in covered:
        acts[key].append(_said(seq, event, "ConsentWithdrawn", texts))
    if (purpose, channel) not in covered and event.facts.get("only") != "granted":
        acts.setdefault((purpose, channel), []).append(_said(seq, event, "ConsentRefused", texts))


def _key(event: Event) -> tuple[str, str]:
    facts = event.facts
    if event.kind in _STOPPED:
        topic = facts.get("purpose", facts.get("topic"))
        named = event.kind != "Email Marked as Spam" and topic is not None
        return (str(topic).strip() if named else "*"), "email"
    return str(facts.get("purpose", "")).strip(), str(facts.get("channel", "*")).strip()


def _said(seq: int, event: Event, state: ConsentState, texts: Mapping[str, str] | None) -> Said:
    method = event.facts.get("method")
    default = event.kind if event.kind in _STOPPED else event.channel
    return Said(
        state=state,
        at_ms=event.at_ms,
        seq=seq,
        event=event.id,
        source=event.source,
        method=method if isinstance(method, str) else default,
        trust=event.trust,
        notice=_served(event.facts, texts or {}),
    )


def _served(facts: dict[str, Any], texts: Mapping[str, str]) -> Served:
    notice = facts.get("notice")
    nested = notice if isinstance(notice, dict) else {}
    name = nested.get("id", "") if nested else notice
    text = nested.get("text")
    digest = nested.get("sha256", facts.get("notice_sha256"))
    language = nested.get("language", facts.get("language"))
    digest = digest.lower() if isinstance(digest, str) else ""
    if isinstance(text, str):
        digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    else:
        text = texts.get(digest, "")
    return Served(
        name if isinstance(name, str) else "",
        language if isinstance(language, str) else "",
        digest,
        text,
    )
