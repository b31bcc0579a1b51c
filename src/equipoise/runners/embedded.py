"""The whole house in one process, as a library: take events, decide, and ask why."""

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from equipoise.arrive.segment import Envelope, wrap
from equipoise.nouns import records
from equipoise.nouns.events import Event, Handle, IntakeRow, RowKind, Source, Value
from equipoise.nouns.hypotheses import Hypothesis, HypothesisVerb, JoinAnswer
from equipoise.nouns.rights import AnswerRight, AskRight, RequestKind, Verb
from equipoise.plays.telling import why
from equipoise.ports import Clock, Intake, Store
from equipoise.runners.rows import handed_in
from equipoise.runners.walking import Walker

ME = Source("library")
"""The source of what a program hands in by itself: trusted like a server key."""

_pack = msgspec.msgpack.Encoder().encode

Whom = str | Handle | Mapping[str, str]
"""A person, as `"user_id:42"`, a handle, or several handles by kind."""


def handles_in(whom: Whom) -> tuple[Handle, ...]:
    """The handles that name a person; raises `ValueError` where a text has no kind."""
    if isinstance(whom, Handle):
        return (whom,)
    if isinstance(whom, str):
        kind, colon, value = whom.partition(":")
        if not colon:
            raise ValueError(
                f"person {whom!r}: needs KIND:VALUE, for example 'user_id:{whom}' or "
                "'email:ana@example.org'"
            )
        return (Handle(kind, value),)
    return tuple(Handle(kind, value) for kind, value in whom.items())


class Told(msgspec.Struct, frozen=True):
    """The answer to a channel that asked: what to do, and why.

    `outcome` is act, silence, held or review; `content` what to show; `propensity` the probability
    with which `option` could be drawn; `chance` whether there was more than one that could; `best`
    what a model expected to be worth most, empty where none was asked.
    """

    outcome: str
    reason: str
    decision: str | None = None
    play: str = ""
    option: str = "silence"
    channel: str = ""
    content: dict[str, str] = {}
    detail: dict[str, str] = {}
    propensity: float = 1.0
    chance: bool = False
    best: str = ""

    def why(self, locale: str = "en") -> str:
        """The reason in a sentence or two, in English or French."""
        return why(msgspec.structs.asdict(self), locale)


class Embedded:
    """One engine over one store, walked in the calling thread; safe to share between threads.

    What `take` returns from is on disk *and* decided; nothing is left for later but timers, which
    ring when `tick` is called.
    """

    def __init__(self, walker: Walker, intake: Intake, clock: Clock) -> None:
        self.walker = walker
        self.store: Store = walker.store
        self.intake = intake
        self.clock = clock
        self._lock = threading.RLock()
        self._replies: dict[int, bytes] = {}
        self.catch_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the files; what was taken in stays."""
        self.intake.close()
        self.store.close()

    def take(self, events: Iterable[Event | Mapping[str, Any]]) -> int:
        """Take events in, durably, and walk them; returns how many were handed in.

        An event is an `Event`, or a mapping in the Segment shape (`type`, `userId`, `event`, ...).
        What cannot be taken is kept among the refused items of the store.
        """
        nouns: list[Event] = []
        wire: list[Mapping[str, Any]] = []
        for event in events:
            if isinstance(event, Event):
                nouns.append(event)
            else:
                wire.append(event)
        if nouns:
            self.put("events", _pack(nouns), ME)
        if wire:
            self.put("segment", wrap(Envelope("batch", msgspec.json.encode({"batch": wire}))), ME)
        return len(nouns) + len(wire)

    def decide(
        self,
        whom: Whom,
        moment: str,
        facts: Mapping[str, Value] | None = None,
        channel: str = "web",
    ) -> Told:
        """What to do for this person at the moment a play names; commits the decision first."""
        asked = records.DecideRequest(
            moment=moment, handles=handles_in(whom), facts=dict(facts or {}), channel=channel
        )
        return msgspec.json.decode(self.ask("decide", asked), type=Told)

    def add_play(self, text: str) -> str:
        """Put one version of a play, as YAML, into the log; returns its name.

        Raises `PlayMistakes` with every mistake and its line.
        """
        play = self.walker.habits.read_play(text)
        version = records.PlayVersion(name=play.name, sha256=play.version, text=text)
        answer = msgspec.json.decode(self.ask("play", version))
        if not answer["ok"]:
            raise ValueError(answer["reason"])
        return play.name

    def add_plays(self, folder: Path) -> list[str]:
        """Put every play of a folder (`*.yaml`) whose text is new into the log; their names."""
        latest = {row.name: row.version for row in self.store.plays()}
        added = []
        for file in sorted(folder.glob("*.yaml")):
            text = file.read_text("utf-8")
            play = self.walker.habits.read_play(text)
            if latest.get(play.name) != play.version:
                added.append(self.add_play(text))
        return added

    def split(
        self,
        person: int,
        atoms: Iterable[int],
        by: str,
        note: str = "",
        handles: Iterable[Handle] = (),
    ) -> dict[str, Any]:
        """Take a join apart: these atoms and handles leave the person, and never join it again.

        Of an atom that has other handles too, a handle leaves alone, and its past stays.
        """
        leaving = tuple(handles)
        wish = records.Split(person=person, atoms=tuple(atoms), by=by, note=note, handles=leaving)
        answer: dict[str, Any] = msgspec.json.decode(self.ask("split", wish))
        return answer

    def suppose(self, pairs: Iterable[Hypothesis], by: str = "search") -> int:
        """Keep pairs of people who may be one as hypotheses, or bring them up to date; how many."""
        kept = tuple(pairs)
        for found in handed_in(kept, by):
            self.ask("join", found)
        return len(kept)

    def answer_join(self, hypothesis: str, verb: HypothesisVerb, by: str, **said: Any) -> Any:
        """Confirm, refuse or put off a hypothesis (`h_...`) in a name, or reopen a refused one.

        `said` are `how` and `note`. The reply holds its `state` and the `people` that are left; `ok` is
        False where it cannot be answered so, with the `reason` as a code and the `message`.
        """
        number = int(hypothesis.removeprefix("h_"))
        answer = JoinAnswer(hypothesis=number, verb=verb, by=by, **said)
        return msgspec.json.decode(self.ask("join", answer))

    def request(self, kind: RequestKind, whom: Whom, **said: Any) -> dict[str, Any]:
        """Ask for somebody (access, erasure, contest, ...); `said` are fields of `AskRight`.

        The reply holds the request's id (`r_...`), its status and when it is due, and the report of an
        erasure; `ok` is False where it cannot be asked, with the `reason`.
        """
        ask = AskRight(kind=kind, handles=handles_in(whom), **said)
        reply: dict[str, Any] = msgspec.json.decode(self.ask("right", ask))
        return reply

    def answer(self, request: str, verb: Verb, by: str, **said: Any) -> dict[str, Any]:
        """Answer a request (`r_...`): begin, extend, fulfil, refuse or withdraw it, in a name.

        `said` are `reason` and, for a contest, `outcome`. The reply is as in `request`.
        """
        number = int(request.removeprefix("r_"))
        record = AnswerRight(request=number, verb=verb, by=by, **said)
        reply: dict[str, Any] = msgspec.json.decode(self.ask("right", record))
        return reply

    def tick(self, most: int = 1_000) -> int:
        """Let the timers ring that are due; returns how many rounds of `most` it took."""
        rounds = 0
        while (due_ms := self.store.next_due_ms()) is not None and due_ms <= self.clock.now_ms():
            self.put("tick", _pack(records.Tick(most)), ME)
            rounds += 1
        return rounds

    def ask(self, kind: RowKind, record: msgspec.Struct, source: Source = ME) -> bytes:
        """Put a record into the log and return the step's answer to it, as JSON."""
        return self.hand_in(self._row(kind, _pack(record), source))[1]

    def put(self, kind: RowKind, body: bytes, source: Source) -> int:
        """Append one intake row, walk it, and return its id."""
        return self.hand_in(self._row(kind, body, source))[0]

    def hand_in(self, row: IntakeRow) -> tuple[int, bytes]:
        """Append one row and walk it: its id, and the step's answer where it asked (else empty)."""
        with self._lock:
            (row_id,) = self.intake.append([row])
            self.catch_up()
            return row_id, self._replies.pop(row_id, b"")

    def _row(self, kind: RowKind, body: bytes, source: Source) -> IntakeRow:
        return IntakeRow(0, kind, source, self.clock.now_ms(), body)

    def catch_up(self, most_bytes: int = 1_000_000) -> None:
        """Walk whatever the intake holds beyond the store's cursor."""
        with self._lock:
            while rows := self.intake.read(self.walker.position.cursor, most_bytes):
                self._replies = self.walker.walk(rows)
            upto = self.walker.take_wipe()
            if upto:
                self.intake.wipe(upto)
