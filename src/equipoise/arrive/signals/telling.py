"""What signals mean in this house: events that say what the person allows, as any other source says it."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from equipoise.arrive.signals.adpc import Adpc
from equipoise.arrive.signals.tcf import TCString, allows
from equipoise.nouns.events import Event, Handle, Trust

MARKETING = "direct-marketing"
"""The one object of an objection that ADPC names itself (GDPR, article 21(2))."""

GPC_BARS = ["third_party", "cross_site"]
"""The bits of the roster that Sec-GPC bars."""


class Notice(msgspec.Struct, frozen=True):
    """A notice that is served: what it asks for, and its text in each language."""

    purpose: str
    texts: dict[str, str]
    channel: str = "*"


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """How this house reads signals.

    `notices` by their id are what a browser may consent to; `marketing` the purposes that are direct
    marketing, `interest` those that rest on interest, `gpc` those that Sec-GPC denies besides; `tcf` maps
    purposes to the numbers of the framework that all have to be allowed for `vendor` (0: TC strings are
    not read).
    """

    notices: dict[str, Notice] = {}
    marketing: tuple[str, ...] = ("marketing",)
    interest: tuple[str, ...] = ()
    gpc: tuple[str, ...] = ()
    tcf: dict[str, tuple[int, ...]] = {}
    vendor: int = 0


class Heard(msgspec.Struct, frozen=True):
    """What came with one request; each part is absent where nothing was said."""

    gpc: bool = False
    adpc: Adpc | None = None
    tc: TCString | None = None


class Speaker(msgspec.Struct, frozen=True):
    """Whom the signals are about, who brought them, when (ms), and in which language notices were shown."""

    handles: tuple[Handle, ...]
    source: str
    trust: Trust
    at_ms: int
    locale: str = "en"


def events_of(heard: Heard, who: Speaker, meaning: Meaning) -> list[Event]:
    """The events that the signals amount to, denials last so that they win ties; none for silence.

    The id of an event is made of what it says, of whom and when, so that a repeat is dropped.
    """
    said = [*_by_tc(heard.tc, meaning), *_by_adpc(heard.adpc, who, meaning)]
    if heard.gpc:
        said.append(("terms.signal", {"signal": "gpc", "bars": GPC_BARS, "method": "Sec-GPC"}))
        said += [("terms.objected", {"purpose": name, "method": "Sec-GPC"}) for name in meaning.gpc]
    said.sort(key=lambda pair: pair[0] != "terms.granted")
    return [_event(kind, facts, who) for kind, facts in said]


def _by_adpc(
    adpc: Adpc | None, who: Speaker, meaning: Meaning
) -> Iterator[tuple[str, dict[str, Any]]]:
    if adpc is None:
        return
    how = {"method": "ADPC"}
    for name in adpc.consent:
        notice = meaning.notices.get(name)
        if notice is None:
            continue  # Nobody can consent to what was never shown to them.
        language = who.locale if who.locale in notice.texts else next(iter(notice.texts))
        shown = {"id": name, "language": language, "text": notice.texts[language]}
        yield (
            "terms.granted",
            {"purpose": notice.purpose, "channel": notice.channel, "notice": shown, **how},
        )
    for name in adpc.withdraw:
        if name == "*":
            kept = [meaning.notices[n].purpose for n in adpc.consent if n in meaning.notices]
            yield "terms.withdrawn", {"purpose": "*", "only": "granted", "save": kept, **how}
        else:
            notice = meaning.notices.get(name)
            if notice is not None:
                yield (
                    "terms.withdrawn",
                    {"purpose": notice.purpose, "channel": notice.channel, **how},
                )
    for name in adpc.object:
        purposes: tuple[str, ...] = (
            (name,) if name in (*meaning.interest, *meaning.marketing) else ()
        )
        if name == MARKETING:
            purposes = meaning.marketing
        elif name == "*":
            purposes = tuple(dict.fromkeys((*meaning.marketing, *meaning.interest)))
        for purpose in purposes:
            yield "terms.objected", {"purpose": purpose, **how}


def _by_tc(tc: TCString | None, meaning: Meaning) -> Iterator[tuple[str, dict[str, Any]]]:
    if tc is None or not meaning.vendor:
        return
    notice = {"id": f"tcf-{tc.policy_version}-{tc.list_version}", "language": tc.language.lower()}
    for purpose, numbers in meaning.tcf.items():
        granted = all(allows(tc, meaning.vendor, number) for number in numbers)
        kind = "terms.granted" if granted else "terms.withdrawn"
        yield kind, {"purpose": purpose, "channel": "*", "notice": notice, "method": "TCF"}


def _event(kind: str, facts: dict[str, Any], who: Speaker) -> Event:
    told = msgspec.json.encode([kind, facts, who.handles, who.at_ms])
    return Event(
        id=f"signal-{sha256(told).hexdigest()[:32]}",
        kind=kind,
        channel="web",
        source=who.source,
        at_ms=who.at_ms,
        received_ms=who.at_ms,
        handles=who.handles,
        facts=facts,
        provenance="stated",
        trust=who.trust,
    )
