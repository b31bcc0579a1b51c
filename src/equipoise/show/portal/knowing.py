"""Everything that the house knows about a person, one line each: value, provenance, since, purpose."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from equipoise.nouns.changes import ReceiptRow
from equipoise.nouns.events import Provenance, Value
from equipoise.nouns.state import AtomState, Last, PersonState, Tally
from equipoise.ports import Standing
from equipoise.show.languages import Language

STATED = frozenset(("email", "phone", "user_id", "card"))
"""Kinds of handles that people give; the others are seen."""

FOLDED = (
    "activity.decayed_7d",
    "spend.decayed_90d",
    "sessions.last_28d",
    "active_days.last_28d",
    "products.distinct",
    "categories.distinct",
)
"""Profile fields that are folded from many events, each read as plays read it."""

APPRAISED = (
    ("value", "inferred.value"),
    ("response", "inferred.response"),
    ("left", "inferred.left"),
)
"""What a model expected of an option, and the text that says so."""


class Known(msgspec.Struct, frozen=True):
    """One thing that is known: what it is called, how it stands, and why it is here.

    `since_ms` is 0 where no time is kept; `field` is what a correction names, empty where none can.
    """

    label: str
    value: Value
    provenance: Provenance
    since_ms: int
    purpose: str
    field: str = ""
    name: str = ""


class Chapter(msgspec.Struct, frozen=True):
    """Some things that belong together."""

    name: str
    lines: list[Known]


class Knowing:
    """Reads one person for their own eyes."""

    def __init__(
        self, state: PersonState, standing: Standing, language: Language, purpose: str
    ) -> None:
        self._state = state
        self._standing = standing
        self._language = language
        self._purpose = purpose

    def chapters(self, receipts: Sequence[ReceiptRow], lessons: int) -> list[Chapter]:
        """All of it; chapters without a line are left out."""
        told = [
            Chapter("handles", self._handles()),
            Chapter("stated", self._traits()),
            Chapter("seen", [*self._kinds(), *self._bought(), *self._folded()]),
            Chapter("inferred", self._inferred(receipts)),
            Chapter("contacts", self._contacts(lessons)),
        ]
        return [chapter for chapter in told if chapter.lines]

    def _text(self, name: str, **places: object) -> str:
        return self._language.text(name, places)

    def _handles(self) -> list[Known]:
        return [
            Known(
                self._language.word("handle", handle.kind),
                handle.value,
                "stated" if handle.kind in STATED else "observed",
                _first_ms(atom),
                "service",
                name=handle.kind,
            )
            for atom in self._state.atoms
            for handle in atom.handles
        ]

    def _traits(self) -> list[Known]:
        newest: dict[str, Last] = {}
        for atom in self._state.atoms:
            for name, last in atom.profile.last.items():
                known = newest.get(name)
                if known is None or (last.at_ms, last.id) > (known.at_ms, known.id):
                    newest[name] = last
        return [
            Known(
                self._language.word("trait", name),
                last.value,
                last.provenance,
                last.at_ms,
                self._purpose,
                field="" if name.startswith("@") else f"traits.{name}",
                name=name,
            )
            for name, last in sorted(newest.items())
        ]

    def _kinds(self) -> list[Known]:
        sums: dict[str, Tally] = {}
        for atom in self._state.atoms:
            for kind, tally in atom.profile.tallies.items():
                sums[kind] = _both(sums[kind], tally) if kind in sums else tally
        known = []
        for kind, tally in sorted(sums.items()):
            label = (
                self._text("see.on_channel", channel=self._language.word("channel", kind[1:]))
                if kind.startswith("@")
                else self._kind(kind)
            )
            known.append(
                Known(label, tally.n, "observed", tally.first_ms, self._purpose, name=kind)
            )
            if tally.total:
                label = self._text("see.total", kind=self._kind(kind))
                total = round(tally.total, 2)
                known.append(
                    Known(label, total, "observed", tally.first_ms, self._purpose, name=kind)
                )
        return known

    def _kind(self, kind: str) -> str:
        """What a kind of event is called; one without a name is told as it is."""
        name = kind.replace(" ", "_").lower()
        named = self._language.word("kind", name)
        return self._text("see.times", kind=kind) if named == name else named

    def _bought(self) -> list[Known]:
        """The purchases kept one by one, so that a limit of the person's own begins with them."""
        times = [one.at_ms for atom in self._state.atoms for one in atom.profile.bought]
        if not times:
            return []
        label = self._text("see.bought")
        return [
            Known(label, len(times), "observed", min(times), self._purpose, name="profile.bought")
        ]

    def _folded(self) -> list[Known]:
        first_ms = min((_first_ms(atom) for atom in self._state.atoms), default=0)
        found = [(name, self._standing.get(name)) for name in FOLDED]
        return [
            Known(
                self._language.word("field", name.replace(".", "_")),
                round(value, 2) if isinstance(value, float) else value,
                "observed",
                first_ms,
                self._purpose,
                name=name,
            )
            for name, value in found
            if value
        ]

    def _inferred(self, receipts: Iterable[ReceiptRow]) -> list[Known]:
        """What models expected, by the newest decision of each play that asked one."""
        known: list[Known] = []
        plays: set[str] = set()
        for row in receipts:
            raw: dict[str, Any] = msgspec.json.decode(row.body)
            if raw.get("type") != "decision" or raw["play"] in plays or not raw.get("model"):
                continue
            plays.add(raw["play"])
            for option in raw["options"]:
                known += [
                    Known(
                        self._text(text, play=raw["play"], option=option["option"]),
                        self._figure(name, float(option[name])),
                        "inferred",
                        raw["at_ms"],
                        raw["purpose"],
                        name=f"{raw['play']}.{option['option']}.{name}",
                    )
                    for name, text in APPRAISED
                    if name in option
                ]
        return known

    def _figure(self, name: str, amount: float) -> str:
        if name == "value":
            return self._language.number(amount, 2)
        return self._language.share(min(1.0, max(0.0, amount)))

    def _contacts(self, lessons: int) -> list[Known]:
        state = self._state
        times = self._standing.contact_times_ms(0)
        known = []
        if times:
            label = self._text("see.contacts_n")
            known.append(Known(label, len(times), "observed", times[0], "service", name="contacts"))
        for atom in state.atoms:
            known += [
                Known(
                    self._text("see.held", play=held.play),
                    self._language.moment(held.due_ms),
                    "observed",
                    held.opened_ms,
                    "service",
                    name=f"held.{held.play}",
                )
                for held in atom.held
            ]
            known += [
                Known(
                    self._text("see.awaited", play=window.play),
                    window.option,
                    "observed",
                    window.decided_ms,
                    window.purpose,
                    name=f"window.{window.play}",
                )
                for window in atom.windows
            ]
            known += [
                Known(
                    self._text("see.trial", play=trial.play),
                    self._language.word("arm", trial.arm),
                    "observed",
                    trial.begun_ms,
                    "analytics",
                    name=f"trial.{trial.play}",
                )
                for trial in atom.trials
            ]
        if lessons:
            label = self._text("see.lessons")
            known.append(Known(label, lessons, "observed", 0, self._purpose, name="lessons"))
        return known


def _first_ms(atom: AtomState) -> int:
    return min((tally.first_ms for tally in atom.profile.tallies.values()), default=0)


def _both(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.n + other.n,
        one.total + other.total,
        first_ms=min(one.first_ms, other.first_ms),
        last_ms=max(one.last_ms, other.last_ms),
    )
