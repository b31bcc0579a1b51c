"""Every text is there in both languages, is used, and is written as each language writes."""

import re
from pathlib import Path
from typing import get_args

import pytest

from equipoise.nouns.access import ROLES
from equipoise.nouns.aggregates import Measure
from equipoise.nouns.agreements import NegotiationStatus
from equipoise.nouns.changes import Erased, LogKind
from equipoise.nouns.decisions import ActionStatus, Answer, Outcome
from equipoise.nouns.events import Provenance
from equipoise.nouns.hypotheses import HypothesisVerb
from equipoise.nouns.rehearsals import Alarm, Estimator, Reason, Reference
from equipoise.nouns.rehearsals import Answer as Verdict
from equipoise.nouns.rights import Ground, Proof, RequestKind, RequestStatus, Verb
from equipoise.nouns.rules import Basis
from equipoise.nouns.shares import Demand, ShareOutcome
from equipoise.nouns.wishes import ANSWERS
from equipoise.recognise.likeness import FIELDS, LEVELS
from equipoise.rights.erasing import KEPT
from equipoise.show.joins import CODES as NOT_JOINED
from equipoise.show.joins import LIKELY
from equipoise.show.languages import Language, iso, preferred, texts
from equipoise.show.rehearsal import FACTS, SPOKEN
from equipoise.stores.memory import MemoryStore
from house import NOON_MS

SHOW = Path(__file__).parents[2] / "src/equipoise/show"
EN, FR = Language("en", "Europe/Paris"), Language("fr", "Europe/Paris")

NOBODY = Erased(person=0, atoms=(), logged=(), receipted=(), handles=())
DELETED = MemoryStore().traces(NOBODY)

# Names that are put together while a page is made: their first part, and all their endings.
MADE = {
    # `equipoise why` asks for these.
    "why_told.": (
        "play",
        "why",
        "waiting",
        "again",
        "until",
        "silences",
        "times",
        "last",
        "decided",
        "none",
        "none_by",
    ),
    "nav.": (
        "live",
        "people",
        "why",
        "desk",
        "outbox",
        "refused",
        "plays",
        "effects",
        "ledger",
        "requests",
        "shares",
        "joins",
    ),
    "live.": ("events", "people", "moments", "decisions", "silences", "actions"),
    "desk.said_": ("approve", "decline", "gone"),
    "plays.felt_": ANSWERS,
    "decision.effect_": ("none", "significant", "legal"),
    "requests.proof_": get_args(Proof),
    "shares.said_": ("opened", "renewed", "ended"),
    "joins.said_": ("confirmed", "refused", "later", "open"),
    "story.share_": ("stop", "stop_all", "lift", "lift_all"),
    "rehearsal.": (*FACTS, *SPOKEN),
}
DONE = ("cancelled", "undelivered", "human_approve", "human_decline")
SAID = ("felt", "aim", "intent", "aggregate", "join_joined", "join_parted")
AGREED = tuple(f"agreement_{status}" for status in get_args(NegotiationStatus))
WORDS = {
    "outcome": get_args(Outcome),
    "status": (*get_args(ActionStatus), "live", "draft", "paused", "retired"),
    "verdict": tuple(answer.name.lower() for answer in Answer),
    "record": get_args(LogKind),
    "provenance": get_args(Provenance),
    "basis": get_args(Basis),
    "window": ("day", "week", "month", "own"),
    "delivery": ("sent", "retry", "failed"),
    "receipt": (*DONE, *SAID, *AGREED),
    "sentence": (*DONE, *SAID, *AGREED),
    "measure": get_args(Measure),
    "explains": ("exact", "approximate", "none"),
    "terms": ("granted", "withdrawn", "objected", "budget", "quiet"),
    "policy": ("candidate", *get_args(Reference)),
    "estimator": (*get_args(Estimator), "on_policy"),
    "answer": get_args(Verdict),
    "because": get_args(Reason),
    "alarm": get_args(Alarm),
    "role": ROLES,
    "request_kind": get_args(RequestKind),
    "request_status": (*get_args(RequestStatus), "erased"),
    "request_verb": (*get_args(Verb), "asked", "upheld", "changed", "withdrawn", "run_out"),
    "request_ground": get_args(Ground),
    "request_replay": ("same",),
    "erased_kept": KEPT,
    "erased_table": (*KEPT, *DELETED, "others_put_right"),
    "likely": [word for _, word in LIKELY],
    "likeness": LEVELS,
    "join_verb": (*get_args(HypothesisVerb), "found"),
    "join_field": FIELDS,
    "not_joined": NOT_JOINED,
    "share_outcome": get_args(ShareOutcome),
    "share_demand": get_args(Demand),
}
OPEN_PARTS = ("channel.", "lacks.", "unread.", "remark.")
"""Words for codes that anybody may make up: a code without a row is shown as it is."""


def spoken() -> set[str]:
    """The names of the texts that pages and code ask for."""
    names: set[str] = set()
    for file in [*SHOW.glob("*.py"), *SHOW.glob("templates/*.html")]:
        text = file.read_text("utf-8")
        names |= set(re.findall(r"""(?:\bt|\btext)\(\s*["']([a-z_]+\.[a-z_]+)["'](?!\s*~)""", text))
        names |= set(re.findall(r'"((?:trouble|login|why)\.(?!html)[a-z_]+)"', text))
    names |= {f"{start}{end}" for start, ends in MADE.items() for end in ends}
    return names | {f"{part}.{code}" for part, codes in WORDS.items() for code in codes}


def test_every_text_is_there_in_both_languages() -> None:
    for name, pair in texts().items():
        assert len(pair) == 2, name
        assert all(text.strip() for text in pair), name


def test_every_text_that_is_asked_for_has_a_row() -> None:
    assert sorted(spoken() - set(texts())) == []


def test_no_row_outlives_its_page() -> None:
    unused = {name for name in texts() if not name.startswith(OPEN_PARTS)} - spoken()
    assert sorted(unused) == []


def test_both_languages_fill_the_same_places() -> None:
    for name, (english, french) in texts().items():
        places = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (english, french)]
        assert places[0] == places[1], name


def test_a_text_without_a_row_is_an_error_and_a_word_without_one_is_itself() -> None:
    with pytest.raises(KeyError):
        EN.text("nav.nowhere")
    assert EN.word("channel", "carrier-pigeon") == "carrier-pigeon"


def test_numbers_shares_and_times_are_written_as_each_language_does() -> None:
    assert (EN.number(12_345), FR.number(12_345)) == ("12,345", "12\u202f345")
    assert (EN.number(1.50, 2), FR.number(1.5, 2)) == ("1.5", "1,5")
    assert (EN.share(0.0667), FR.share(0.0667)) == ("6.67%", "6,67\u00a0%")
    assert EN.moment(NOON_MS) == "10 Mar 2026, 13:00"
    assert FR.day(NOON_MS) == "10 mars 2026"
    assert EN.clock(NOON_MS) == "13:00:00"
    assert iso(NOON_MS) == "2026-03-10T12:00:00.000+00:00"


def test_a_time_beyond_all_calendars_is_still_a_time() -> None:
    assert EN.day(2**62)
    assert iso(-(2**62)).startswith("1970")


def test_french_spaces_before_high_marks_do_not_break() -> None:
    assert not any(re.search(r" [:;?!»%]|« ", french) for _, french in texts().values())


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("de-DE,de;q=0.9", "en"),
        ("en;q=0.1,fr;q=0.9", "fr"),
        ("fr;q=0", "en"),
        (";;;q=q,,=", "en"),
    ],
)
def test_the_language_that_the_browser_likes_best_is_spoken(accepted: str, code: str) -> None:
    assert preferred(accepted, "en") == code
