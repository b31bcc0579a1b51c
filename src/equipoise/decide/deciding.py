"""Guards drop options, a chooser picks among the rest and silence. Pure and synchronous."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec

from equipoise.canon import uniform
from equipoise.decide.serving import NOTHING, STEPS_BACK, asked_for
from equipoise.nouns.decisions import (
    ALLOWED,
    Answer,
    Appraisal,
    Choice,
    Decision,
    Explain,
    Outcome,
    Verdict,
    Weighed,
)
from equipoise.nouns.plays import Option
from equipoise.ports import Asked, Chooser, Guard, Hand, ModelBroke

ORDER = (
    "rights",
    "terms",
    "audience",
    "aims",
    "holdout",
    "limits",
    "address",
    "belonging",
    "presence",
)
"""Which guard is named first when several keep an option back: what the person asked comes first."""


class Question(msgspec.Struct, frozen=True):
    """One guard with its name, and what its answer depends on in an option (None: everything)."""

    name: str
    guard: Guard
    likeness: Callable[[Option], object] | None


class Deciders(msgspec.Struct, frozen=True):
    """The guards in the order in which their reasons are told, and the choosers by name."""

    questions: tuple[Question, ...]
    choosers: dict[str, Chooser]

    @classmethod
    def of(cls, guards: Sequence[tuple[str, Guard]], choosers: Mapping[str, Chooser]) -> "Deciders":
        """Order the guards: those of `ORDER` first, others after them by name."""
        rank = {name: place for place, name in enumerate(ORDER)}
        ordered = sorted(guards, key=lambda pair: (rank.get(pair[0], len(rank)), pair[0]))
        questions = (Question(name, guard, _likeness(guard)) for name, guard in ordered)
        return cls(tuple(questions), dict(choosers))


def _likeness(guard: Guard) -> Callable[[Option], object] | None:
    fields: tuple[str, ...] | None = getattr(guard, "looks_at", None)
    if fields is None:
        return None
    return attrgetter(*fields) if fields else lambda _: ()


Memory = dict[str, dict[object, Verdict]]
"""What guards have answered about options alike, within one moment: by guard, then by likeness."""


def judge(
    asked: Asked, option: Option, questions: Sequence[Question], memory: Memory
) -> tuple[Verdict, ...]:
    """Every verdict that is not plain permission, in guard order; silence is never asked.

    A refusal for not being in the audience ends the questions: there is nothing to ask about.
    """
    if option.do == "silence":
        return ()
    asked.option = option
    verdicts = []
    for question in questions:
        likeness = question.likeness
        if likeness is None:
            verdict = _put(question, asked)
        else:
            known = memory.get(question.name)
            if known is None:
                known = memory[question.name] = {}
            like = likeness(option)
            found = known.get(like)
            verdict = found if found is not None else known.setdefault(like, _put(question, asked))
        if verdict is ALLOWED or verdict.answer is Answer.ALLOW:
            continue
        if not verdict.guard:
            verdict = msgspec.structs.replace(verdict, guard=question.name)
        verdicts.append(verdict)
        if verdict.reason == "not_in_audience":
            break
    return tuple(verdicts)


def _put(question: Question, asked: Asked) -> Verdict:
    """Ask a guard; one that breaks refuses, because deciding without it would not be safe."""
    try:
        return question.guard(asked)
    except Exception as fault:  # noqa: BLE001 - guards of others run here; a test sees one break
        detail = {"guard": question.name, "fault": type(fault).__name__}
        return Verdict(Answer.REFUSE, "guard_failed", question.name, detail=detail)


class Judged(NamedTuple):
    """Every option of a play with its verdicts, and the names of those that the person asked for."""

    options: list[tuple[Option, tuple[Verdict, ...]]]
    asked_for: frozenset[str]


def judge_all(asked: Asked, questions: Sequence[Question]) -> Judged:
    """Every option of the play with its verdicts; what the person asked for goes before the others.

    Where allowed options serve what the person is looking for (`decide.serving`), the others step back
    for this moment: nothing that is inferred goes before what was said.
    """
    memory: Memory = {}
    judged = [(option, judge(asked, option, questions, memory)) for option in asked.play.options]
    serving = [one for one in judged if one[0].serves]
    if not serving:
        return Judged(judged, NOTHING)
    first = asked_for(asked, (one for one, verdicts in serving if worst(verdicts) in OPEN))
    if first:
        judged = [
            (option, (*verdicts, STEPS_BACK) if _gives_way(option, verdicts, first) else verdicts)
            for option, verdicts in judged
        ]
    return Judged(judged, first)


def _gives_way(option: Option, verdicts: tuple[Verdict, ...], first: frozenset[str]) -> bool:
    return not option.is_silence and option.name not in first and worst(verdicts) in OPEN


def worst(verdicts: Sequence[Verdict]) -> Answer:
    """The answer that counts for one option: refuse > review > hold > allow."""
    if len(verdicts) == 1:
        return verdicts[0].answer
    return max((verdict.answer for verdict in verdicts), default=Answer.ALLOW)


OPEN = frozenset((Answer.ALLOW, Answer.REVIEW))
"""The answers with which an option takes part in the draw."""


class _Ending(msgspec.Struct, frozen=True):
    """How a moment ends once the draw, if any, is made."""

    option: Option
    outcome: Outcome
    reason: str
    detail: dict[str, str] = {}
    guard: str = ""
    until_ms: int | None = None


def _kept_back(
    judged: Sequence[tuple[Option, tuple[Verdict, ...]]], silence: Option, until_ms: int
) -> _Ending:
    """The ending where nothing but silence is open: wait if an option is only held, else say why."""
    held = [(option, verdicts) for option, verdicts in judged if worst(verdicts) is Answer.HOLD]
    if held:
        # An option is free when the last of its holds ends; the moment waits for the first free one.
        frees = [max(verdicts, key=lambda verdict: verdict.until_ms or 0) for _, verdicts in held]
        first = min(frees, key=lambda verdict: verdict.until_ms or 0)
        if (first.until_ms or 0) <= until_ms:
            return _Ending(silence, "held", first.reason, first.detail, first.guard, first.until_ms)
        return _Ending(silence, "silence", first.reason, first.detail, first.guard)
    refused = [pair for pair in judged if pair[1]]
    if not refused:
        return _Ending(silence, "silence", "no_option")
    verdict = next(v for v in refused[0][1] if v.answer is Answer.REFUSE)
    return _Ending(silence, "silence", verdict.reason, verdict.detail, verdict.guard)


def decide(asked: Asked, deciders: Deciders, *, seq: int, atom: int) -> tuple[Decision, Option]:
    """Decide one moment for one person; the same inputs give the same decision, to the bit.

    Options that only need a human take part in the draw, so that the review can be told apart from
    it afterwards (intention to treat). The draw is a hash of the seed and the moment.
    """
    play, moment = asked.play, asked.moment
    judged, first = judge_all(asked, deciders.questions)
    answers = [worst(verdicts) for _, verdicts in judged]
    open_places = [place for place, answer in enumerate(answers) if answer in OPEN]
    silence = next(option for option in play.options if option.is_silence)
    draw = uniform(asked.seed, moment.id, "choose")
    spared = any(_open_but_for_holdout(verdicts) for _, verdicts in judged)
    arm, choice, broke = "", None, ""
    if len(open_places) > 1:
        arm = arm_of(asked)
        options = tuple(play.options[place] for place in open_places)
        hand = Hand(play, options, asked.standing, draw, asked.model, asked.inputs)
        try:
            choice = deciders.choosers[arm or play.chooser](hand)
        except ModelBroke as fault:
            broke = str(fault)
    if choice is not None:
        place = open_places[choice.index]
        ending = _drawn(play.options[place], judged[place][1], first)
    elif broke:
        ending = _Ending(silence, "silence", "model_failed", {"fault": broke[:200]})
    else:
        valid_until_ms = moment.opened_ms + int(play.limits.valid_for_hours * 3_600_000)
        kept = judged if spared else [(option, _waiting(verdicts)) for option, verdicts in judged]
        ending = _kept_back(kept, silence, valid_until_ms)
    model = asked.model if choice is not None and choice.model else None
    decision = Decision(
        seq=seq,
        person=asked.standing.person,
        atom=atom,
        play=play.name,
        version=play.version,
        purpose=play.purpose,
        moment=moment,
        weighed=_weighed(judged, open_places, choice),
        chosen=ending.option.name,
        outcome=ending.outcome,
        reason=ending.reason,
        detail=ending.detail,
        guard=ending.guard,
        until_ms=ending.until_ms,
        chooser="" if choice is None else arm or play.chooser,
        draw=draw,
        at_ms=asked.now_ms,
        holdout=choice is None and spared,
        arm=arm,
        model=choice.model if choice is not None else "",
        explains=Explain.EXACT if model is None else model.explains,
        inputs=dict(asked.inputs) if choice is not None or spared else {},
        effect=play.effect,
    )
    return decision, ending.option


def arm_of(asked: Asked) -> str:
    """The control that chooses for this person instead of the play's chooser, or an empty text.

    Like a holdout it is a hash of seed, person and play, so it never changes and needs no table.
    """
    controls = asked.play.controls
    if not controls:
        return ""
    person = f"person:{asked.standing.person}"
    draw, reached = uniform(asked.seed, person, f"control:{asked.play.name}"), 0.0
    for control in sorted(controls):
        reached += controls[control]
        if draw < reached:
            return control
    return ""


def _has_holdout(verdicts: tuple[Verdict, ...]) -> bool:
    for verdict in verdicts:  # noqa: SIM110 - asked of every option, and quicker than `any`
        if verdict.guard == "holdout":
            return True
    return False


def _others(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    return tuple(verdict for verdict in verdicts if verdict.guard != "holdout")


def _open_but_for_holdout(verdicts: tuple[Verdict, ...]) -> bool:
    """True where an option would have taken part in the draw but for a holdout."""
    if not _has_holdout(verdicts):
        return False
    return worst(_others(verdicts)) in (Answer.ALLOW, Answer.REVIEW)


def _waiting(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """What is only held waits for the held-out as for everybody, so that both are counted alike."""
    if not _has_holdout(verdicts):
        return verdicts
    others = _others(verdicts)
    return others if worst(others) is Answer.HOLD else verdicts


def _weighed(
    judged: Sequence[tuple[Option, tuple[Verdict, ...]]],
    open_places: Sequence[int],
    choice: Choice | None,
) -> tuple[Weighed, ...]:
    """Every option as it was weighed; without a choice silence was certain."""
    propensities = [float(choice is None and option.is_silence) for option, _ in judged]
    appraisals: list[Appraisal | None] = [None] * len(judged)
    if choice is not None:
        for place, propensity in zip(open_places, choice.propensities, strict=True):
            propensities[place] = propensity
        for place, appraisal in zip(open_places, choice.appraisals, strict=False):
            appraisals[place] = appraisal
    return tuple(
        Weighed(option.name, option.do, option.channel, verdicts, propensity, appraisal)
        for (option, verdicts), propensity, appraisal in zip(
            judged, propensities, appraisals, strict=True
        )
    )


def _drawn(option: Option, verdicts: tuple[Verdict, ...], first: frozenset[str]) -> _Ending:
    if option.is_silence:
        return _Ending(option, "silence", "drawn_silence")
    review = next((v for v in verdicts if v.answer is Answer.REVIEW), None)
    if review is not None:
        return _Ending(option, "review", review.reason, review.detail, review.guard)
    return _Ending(option, "act", "asked_for" if option.name in first else "chosen")
