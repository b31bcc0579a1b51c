"""The verbs in a row, for one person: remember, decide, act, account. The file to read first.

`Engine` holds no person and no file. It is handed a person's state and one record of the log; it
folds the record into the state and writes what follows from it on a `Sheet`, which the runner that
called it seals into the ledger and commits. The same state, record, time and seed give the same
sheet, so a runner supplies only three things: records in order, states, and one commit.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.account import receipts
from equipoise.act import outbox
from equipoise.act.outbox import Addressee, Retries
from equipoise.agreeing import hear
from equipoise.canon import canonical
from equipoise.decide.deciding import Deciders, decide
from equipoise.following import await_outcome, credit, mature
from equipoise.hushing import close_days, hush
from equipoise.learnt import Learnt
from equipoise.nouns.changes import Timer
from equipoise.nouns.decisions import Decided, Decision, Moment, Used
from equipoise.nouns.events import Event, Trust, Value
from equipoise.nouns.plays import SILENCE, Option, Play, Trigger
from equipoise.nouns.records import DecideRequest
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, Held, PersonState
from equipoise.plays.playbook import LivePlay, Playbook
from equipoise.plays.reasons import PRICE_PART, is_price, price_notice
from equipoise.plays.wording import render
from equipoise.ports import Asked
from equipoise.remember import contacts
from equipoise.remember.aims import count_towards
from equipoise.remember.folding import Folds
from equipoise.remember.terms import fold_terms, is_terms
from equipoise.remember.view import View
from equipoise.wishing import WISHES, may_hear, wish


class Occasion(msgspec.Struct, frozen=True):
    """A play and the moment at which it ended before any guard was asked."""

    play: Play
    moment: Moment


class Engine:
    """One house: its rules, folds, guards, choosers and seed. Plays are set as versions arrive."""

    def __init__(
        self, rules: Rules, folds: Folds, deciders: Deciders, seed: bytes, retries: Retries
    ) -> None:
        self.rules = rules
        self.folds = folds
        self.deciders = deciders
        self.seed = seed
        self.retries = retries
        self.learnt = Learnt()
        self.playbook = Playbook.of(())

    # --- remember -----------------------------------------------------------------------------

    def take(self, state: PersonState, atom: AtomState, event: Event, here: Here) -> None:
        """Fold one event into its atom, then open every moment that it brings."""
        here.sheet.count("events")
        if self.remember(state, atom, event, here):
            self._occasions(state, atom, event, here)

    def remember(self, state: PersonState, atom: AtomState, event: Event, here: Here) -> bool:
        """Fold one event into its atom, under the terms that hold; False where it was refused."""
        if is_terms(event.kind):
            refused = fold_terms(state, atom, event, here.seq)
            if refused is not None:
                here.sheet.refused.append(refused)
                return False
            seq = here.number()
            body = receipts.terms_receipt(event, seq, state.person, atom.id)
            here.receipt(atom, seq, canonical(body))
        said = event.kind in WISHES
        if said and not wish(state, atom, event, (self.rules, self.playbook), here):
            return False
        if event.context and event.context.get("gpc") == "1":
            hear(state, atom, event, self.rules, here)
        here.log(atom, "event", event)
        credit(state, event, here)
        if not said:
            count_towards(state, atom, event)
            self.folds.fold(atom, event, state)
        return True

    def _occasions(self, state: PersonState, atom: AtomState, event: Event, here: Here) -> None:
        """Open every moment that an event brings."""
        plays = self.playbook.on_event(event.kind)
        if not plays or event.history:
            return
        view = View(state, here.now_ms, self.rules)
        facts = scalars(event.facts)
        for live in plays:
            if not may_hear(event, live.play, state, here):
                continue
            moment = Moment(
                id=f"{here.seq}.{live.play.name}",
                kind=event.kind,
                event=event.id,
                channel=event.channel,
                at_ms=event.at_ms,
                opened_ms=here.now_ms,
                facts=facts,
            )
            if not live.where(_reader(view, moment)):
                continue
            if here.full():
                here.sheet.count("moments_beyond_fifteen")
                continue
            self._open(state, atom, live, moment, here)

    # --- decide -------------------------------------------------------------------------------

    def ask(
        self, state: PersonState, atom: AtomState, asked: DecideRequest, trust: Trust, here: Here
    ) -> Decision | None:
        """Answer a channel that asks now; None where no live play is written for the moment.

        A public key that asks for a known person gets silence: it speaks only for its anonymous id.
        """
        here.sheet.count("asked")
        decided = None
        for live in self.playbook.on_decide(asked.moment):
            moment = Moment(
                id=f"{here.seq}.{live.play.name}",
                kind=f"decide:{asked.moment}",
                event="",
                channel=asked.channel,
                at_ms=here.now_ms,
                opened_ms=here.now_ms,
                facts=asked.facts,
            )
            view = View(state, here.now_ms, self.rules)
            if trust == "public" and view.known:
                occasion = Occasion(live.play, moment)
                return self._silenced(state, atom, occasion, "source_not_trusted", here)
            if not live.where(_reader(view, moment)):
                continue
            decided = self._open(state, atom, live, moment, here)
            if decided.outcome != "silence" or here.full():
                return decided
        return decided

    def scheduled(self, state: PersonState, live: LivePlay, here: Here) -> None:
        """Open the moment that a schedule brings to one person."""
        moment = Moment(
            id=f"{here.seq}.{live.play.name}",
            kind="schedule",
            event="",
            channel="",
            at_ms=here.now_ms,
            opened_ms=here.now_ms,
        )
        view = View(state, here.now_ms, self.rules)
        if live.where(_reader(view, moment)):
            self._open(state, state.atoms[0], live, moment, here)

    def ring(self, state: PersonState, atom: AtomState, timer: Timer, here: Here) -> None:
        """A timer rings: a held moment is opened again, windows mature, or a day of silences closes."""
        here.sheet.timers_cleared.append(timer)
        what, _, key = timer.key.partition(":")
        if what == "hush":
            close_days(state, atom, here)
            return
        if what == "windows":
            mature(state, atom, here)
            return
        held = next((item for item in atom.held if item.moment == key), None)
        if held is None:
            return
        atom.held.remove(held)
        live = self.playbook.named(held.play)
        moment = Moment(
            id=held.moment,
            kind=held.kind,
            event=held.event,
            channel=held.channel,
            at_ms=held.opened_ms,
            opened_ms=held.opened_ms,
            facts=held.facts,
            rung=True,
        )
        if live is None or here.now_ms > held.until_ms:
            reason = "play_paused" if live is None else "expired"
            play = live.play if live else gone(held.play)
            self._silenced(state, atom, Occasion(play, moment), reason, here)
            return
        self._open(state, atom, live, moment, here)

    def question(self, state: PersonState, live: LivePlay, moment: Moment, here: Here) -> Asked:
        """What every guard is asked about one moment of one person."""
        view = View(state, here.now_ms, self.rules)
        return Asked(
            play=live.play,
            moment=moment,
            standing=view,
            now_ms=here.now_ms,
            rules=self.rules,
            seed=self.seed,
            spent=_Spent(here.spent, here.sheet.spent),
            in_audience=live.audience(_reader(view, moment)),
            model=self.learnt.model_of(live.play),
            inputs=self.learnt.inputs(live.play, view),
        )

    def _open(
        self, state: PersonState, atom: AtomState, live: LivePlay, moment: Moment, here: Here
    ) -> Decision:
        """Guards, choice, and what follows from it."""
        if not moment.rung and any(held.play == live.play.name for held in atom.held):
            occasion = Occasion(live.play, moment)
            return self._silenced(state, atom, occasion, "already_waiting", here)
        here.sheet.count("moments")
        asked = self.question(state, live, moment, here)
        decision, option = decide(asked, self.deciders, seq=here.number(), atom=atom.id)
        if decision.chooser or decision.holdout or decision.reason == "model_failed":
            await_outcome(state, decision, live.play, asked.standing, here)
        if decision.outcome == "silence" and decision.reason != "drawn_silence":
            return self._hushed(state, atom, decision, here)
        if decision.outcome == "held":
            self._hold(atom, live, moment, decision, here)
        decision = msgspec.structs.replace(
            decision,
            basis=self._basis(asked, option),
            content=self._content(asked, option, decision),
            used=_used(live, View(state, here.now_ms, self.rules), moment),
        )
        if decision.outcome in ("act", "review"):
            self._act(state, atom, Decided(decision, live.play, option), asked, here)
        self._account(atom, decision, here)
        return decision

    def _basis(self, asked: Asked, option: Option) -> dict[str, str]:
        basis: dict[str, str] = {"legal": self.rules.basis(asked.play.purpose)}
        stance = asked.standing.stance(asked.play.purpose, option.channel)
        if stance is not None:
            basis["stance"] = stance.event
            if stance.notice:
                basis["notice"] = stance.notice
        return basis

    def _content(self, asked: Asked, option: Option, decision: Decision) -> dict[str, str]:
        if option.is_silence:
            return {}
        locale = asked.standing.locale
        content = render(option, _reader(asked.standing, asked.moment), locale)
        if decision.model and is_price(option.do, option.cost):
            content.setdefault(PRICE_PART, price_notice(locale))
        return content

    def _hold(
        self, atom: AtomState, live: LivePlay, moment: Moment, decision: Decision, here: Here
    ) -> None:
        due_ms = decision.until_ms or here.now_ms
        until_ms = moment.opened_ms + int(live.play.limits.valid_for_hours * 3_600_000)
        atom.held.append(
            Held(
                play=live.play.name,
                moment=moment.id,
                due_ms=due_ms,
                until_ms=until_ms,
                opened_ms=moment.opened_ms,
                event=moment.event,
                kind=moment.kind,
                channel=moment.channel,
                reason=decision.reason,
                facts=moment.facts,
            )
        )
        here.sheet.timers_set.append(Timer(due_ms, atom.id, f"held:{moment.id}"))

    # --- silence ------------------------------------------------------------------------------

    def _silenced(
        self, state: PersonState, atom: AtomState, occasion: "Occasion", reason: str, here: Here
    ) -> Decision:
        """Silence that no guard had to be asked for."""
        here.sheet.count("moments")
        decision = Decision(
            seq=here.number(),
            person=state.person,
            atom=atom.id,
            play=occasion.play.name,
            version=occasion.play.version,
            purpose=occasion.play.purpose,
            moment=occasion.moment,
            weighed=(),
            chosen=SILENCE.name,
            outcome="silence",
            reason=reason,
            chooser="",
            draw=0.0,
            at_ms=here.now_ms,
        )
        return self._hushed(state, atom, decision, here)

    def _hushed(
        self, state: PersonState, atom: AtomState, decision: Decision, here: Here
    ) -> Decision:
        """Give the first silence of its kind on a day a receipt, and count the others."""
        if hush(state, atom, decision, here):
            self._account(atom, decision, here)
        return decision

    # --- act ----------------------------------------------------------------------------------

    def _act(
        self, state: PersonState, atom: AtomState, decided: Decided, asked: Asked, here: Here
    ) -> None:
        play, option = decided.play, decided.option
        sheet = here.sheet
        sheet.count("actions")
        for resource in (f"play:{play.name}", f"stock:{play.name}/{option.name}"):
            before = sheet.spent.get(resource, here.spent.get(resource, 0))
            sheet.spent[resource] = before + 1
        if option.is_contact:
            contacts.reserve(atom, decided.decision, option)
        to = Addressee(handles_of(state), asked.standing.locale)
        action = outbox.action_for(decided, to, here.now_ms, self.seed)
        if decided.decision.moment.kind.startswith("decide:") and action.status == "waiting":
            action = msgspec.structs.replace(action, status="sent", attempts=1)
        sheet.actions[action.id] = action

    # --- account ------------------------------------------------------------------------------

    def _account(self, atom: AtomState, decision: Decision, here: Here) -> None:
        here.sheet.count("decisions")
        here.sheet.decisions.append(decision)
        here.receipt(atom, decision.seq, canonical(receipts.decision_receipt(decision)))


class _Spent(dict[str, int]):
    """What has been used of a shared resource, this step's uses before those of the past."""

    def __init__(self, before: Mapping[str, int], during: Mapping[str, int]) -> None:
        self._before, self._during = before, during

    def get(self, key: str, default: Any = 0) -> Any:
        """The use so far, `default` where there was none."""
        return self._during.get(key, self._before.get(key, default))

    def __missing__(self, key: str) -> int:
        return int(self.get(key))


def gone(name: str) -> Play:
    """A stand-in for a play that is no longer live."""
    return Play(name=name, purpose="", moment=Trigger(), options=(SILENCE,))


def handles_of(state: PersonState) -> tuple[Any, ...]:
    """Every handle of a person, oldest atom first."""
    return tuple(handle for atom in state.atoms for handle in atom.handles)


def _used(live: LivePlay, view: View, moment: Moment) -> tuple[Used, ...]:
    """What the play's conditions looked at, as it stood; what is not known is not told."""
    get = _reader(view, moment)
    read = ((field, get(field)) for field in live.fields)
    return tuple(
        Used(field, value, view.provenance(field)) for field, value in read if value is not None
    )


def scalars(facts: Mapping[str, Any]) -> dict[str, Value]:
    """What a moment keeps of an event: the facts that a condition could read, so no lists or records."""
    return {
        name: value
        for name, value in facts.items()
        if value is None or isinstance(value, str | int | float)
    }


def _reader(standing: Any, moment: Moment) -> Any:
    """Read `event.FACT` from the moment, and any other field from the person."""

    def get(field: str) -> Value:
        if field.startswith("event."):
            value = moment.facts.get(field[6:])
            return value if isinstance(value, str | int | float | bool) else None
        return standing.get(field)  # type: ignore[no-any-return]

    return get
