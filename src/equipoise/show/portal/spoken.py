"""Receipts of what a person said and of what concerns who they are, told to that person in plain words."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from equipoise.nouns.agreements import ACCEPTED, ENDED, OFFERED
from equipoise.nouns.intents import INTENT_DECLARED
from equipoise.show.languages import Language
from equipoise.show.story import Story

Raw = dict[str, Any]
_TRAIT = re.compile(r"\btraits\.(\w+)")


def worded(story: Story, language: Language) -> Story:
    """A story as this person reads it: purposes by their names, and the receipts that only they are told."""
    notes = tuple(_note(note, language) for note in story.notes)
    tell = _TOLD.get(str(story.raw.get("type", "")))
    if tell is None:
        return msgspec.structs.replace(story, notes=notes)
    kind = str(story.raw["type"])
    return msgspec.structs.replace(
        story,
        notes=(),
        tone="terms",
        chip=language.word("spoken_of", kind),
        sentence=tell(story.raw, language),
    )


def _note(note: str, language: Language) -> str:
    """A note with the names of this page: `per_week 3`, or a purpose."""
    name, _, value = note.partition(" ")
    if name == "per_week":
        return language.text("spoken.per_week", {"n": value})
    return language.word("purpose", note)


def _felt(raw: Raw, language: Language) -> str:
    return language.text("spoken.felt", {"answer": language.word("felt", raw["felt"])})


def _intent(raw: Raw, language: Language) -> str:
    declared = raw.get("kind") == INTENT_DECLARED
    return language.text("spoken.intent" if declared else "spoken.intent_ended")


def _aim(raw: Raw, language: Language) -> str:
    said = raw.get("said")
    if not said:
        return language.text("spoken.aim_ended")
    if said["kind"] == "goal":
        return language.text("spoken.goal")
    return language.text("spoken.aim", {"said": aim_sentence(said, language)})


def aim_sentence(said: Raw, language: Language) -> str:
    """A limit as a sentence, from its parts as texts: `kind`, `most` or `percent_below`, `per`, `what`."""
    below = said.get("percent_below")
    amount = below or said.get("most", "")
    what = kind_name(said.get("what", ""), language)
    places = {
        "amount": " ".join(
            part for part in (_number(amount, language), said.get("currency")) if part
        ),
        "per": language.word("per", said.get("per", "")),
        "what": f"{what} ({said['quantity']})" if said.get("quantity") else what,
        "text": said.get("text", ""),
    }
    sentence = language.text(f"aim.{said['kind']}{'_percent' if below else ''}", places)
    if said.get("category"):
        places = {"said": sentence, "category": said["category"]}
        sentence = language.text("aim.in_category", places)
    return sentence


def _number(text: str, language: Language) -> str:
    return language.number(float(text), 3) if text else ""


def kind_name(kind: str, language: Language) -> str:
    """What a kind of event is called; one without a name is itself."""
    name = kind.replace(" ", "_").lower()
    named = language.word("kind", name)
    return kind if named == name else named


_AGREEMENT: dict[str, str] = {
    ACCEPTED: "spoken.agreed",
    ENDED: "spoken.agreement_ended",
    OFFERED: "spoken.countered",
}


def _agreement(raw: Raw, language: Language) -> str:
    record = raw.get("record", {})
    agreement = record.get("agreement") or {}
    places = {"id": agreement.get("id", record.get("proffered", ""))}
    name = _AGREEMENT.get(record.get("status", ""), "spoken.agreement")
    return language.text(name, places)


def _share(raw: Raw, language: Language) -> str:
    granted = raw.get("outcome") == "granted"
    name = "spoken.share_given" if granted else "spoken.share_refused"
    return language.text(name, {"recipient": raw.get("recipient", "")})


def _stop(raw: Raw, language: Language) -> str:
    everybody = raw.get("recipient") == "*"
    recipient = language.text("spoken.everybody") if everybody else raw.get("recipient", "")
    lifted = raw.get("outcome") == "lifted"
    name = "spoken.share_lifted" if lifted else "spoken.share_stopped"
    return language.text(name, {"recipient": recipient})


def question(text: str, language: Language) -> str:
    """A partner's question as the receipt has it, with the names of fields that people know."""
    kind, _, rest = text.partition(" ")
    if kind == "band":
        field, *edges = rest.split(" ")
        places = {"what": question(field, language), "edges": ", ".join(edges)}
        return language.text("shares.band", places)
    if kind == "count":
        least, _, condition = rest.partition(" ")
        return language.text("shares.count", {"n": least, "what": question(condition, language)})
    named = _TRAIT.sub(lambda found: language.word("trait", found[1]), text)
    return named.replace(">=", "≥").replace("<=", "≤")


def _join(raw: Raw, language: Language) -> str:
    parted = raw.get("did") == "parted"
    how = "rule" if raw.get("how") == "rule" else "human"
    places = {
        "by": language.word("joined_by", how),
        "score": language.share(float(raw.get("score", 0))),
    }
    return language.text("spoken.join_parted" if parted else "spoken.join_joined", places)


_TOLD: dict[str, Callable[[Raw, Language], str]] = {
    "felt": _felt,
    "aim": _aim,
    "intent": _intent,
    "agreement": _agreement,
    "share": _share,
    "share_stop": _stop,
    "join": _join,
}
