"""What was decided and what came of it, as typed data frames that join on the decision."""

import sys
from datetime import UTC, datetime

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from equipoise import frames
from equipoise.account.receipts import decision_receipt
from equipoise.canon import canonical
from equipoise.compose.frames import CHUNK
from equipoise.nouns.changes import Changes, PlayRow, ReceiptRow
from equipoise.nouns.decisions import Answer, Appraisal, Decision, Explain, Moment, Verdict, Weighed
from equipoise.nouns.lessons import Lesson, LessonRow, Tried
from equipoise.stores import StoreError
from equipoise.stores.memory import MemoryStore
from house import HERO, NOON_MS, THANKS, house, track, welcome

FREE = Verdict(Answer.HOLD, "quiet_hours", "limits", NOON_MS)
TIME = pa.timestamp("ms", tz="UTC")


def weighed(option: str, propensity: float, score: float | None, *verdicts: Verdict) -> Weighed:
    """One option; its score is all value but for half a euro of cost."""
    parts = {"base": (score or 0.0) + 0.5, "cost": -0.5}
    appraisal = Appraisal(score or 0.0, parts["base"], 0.5, 0.0, 0.25, 0.125, parts)
    return Weighed(
        option, "notify", "email", verdicts, propensity, None if score is None else appraisal
    )


def decided(seq: int, **given) -> Decision:
    """A decision of a learning play, with what it looked at."""
    told = {
        "seq": seq,
        "person": 16,
        "atom": 16,
        "play": "spring",
        "version": "v1",
        "purpose": "marketing",
        "moment": Moment(
            id=f"{seq}.spring",
            kind="Order Completed",
            event="e1",
            channel="web",
            at_ms=NOON_MS,
            opened_ms=NOON_MS,
        ),
        "weighed": (
            weighed("mail", 0.75, 3.5),
            weighed("call", 0.0, None, FREE, Verdict(Answer.REFUSE, "no_address", "address")),
            weighed("silence", 0.25, -0.5),
        ),
        "chosen": "mail",
        "outcome": "act",
        "reason": "chosen",
        "chooser": "learning",
        "draw": 0.5,
        "at_ms": NOON_MS + seq,
        "model": "ab12",
        "explains": Explain.EXACT,
        "inputs": {"orders.count": 3, "traits.city": "Sète", "known": True, "views.total": None},
    }
    return Decision(**(told | given))


def lesson(seq: int, decision: int, **given) -> LessonRow:
    """What came of a decision of the play `spring`."""
    told = {
        "person": 16,
        "atom": 16,
        "play": "spring",
        "version": "v1",
        "option": "mail",
        "arm": "engine",
        "propensity": 0.75,
        "decided_ms": NOON_MS,
        "matured_ms": NOON_MS + seq,
    }
    noun = Lesson(seq=seq, decision=decision, **(told | given))
    return LessonRow(seq, 16, "lesson", noun.play, decision, msgspec.msgpack.encode(noun))


@pytest.fixture
def store() -> MemoryStore:
    """Two learnt decisions, three lessons of which one revises another, and one trial."""
    kept = MemoryStore()
    later = {"orders.count": 4.5, "traits.city": "Lyon", "known": False, "views.total": None}
    made = [decided(100), decided(116, inputs=later, chosen="silence", outcome="silence")]
    tried = Tried(
        seq=216,
        person=16,
        atom=16,
        play="spring",
        arm="holdout",
        begun_ms=NOON_MS,
        over_ms=NOON_MS + 9,
    )
    first = {"n": 1, "value": 30.0, "inputs": made[0].inputs}
    kept.commit(
        Changes(
            cursor=1,
            seq=300,
            plays=[PlayRow("spring", "v1", 1, "live", "")],
            receipts=[
                ReceiptRow(one.seq, 16, 0, n, canonical(decision_receipt(one)), b"salt")
                for n, one in enumerate(made)
            ],
            lessons=[
                lesson(200, 100, **first),
                lesson(201, 116, option="silence", inputs=later),
                lesson(202, 100, revises=200, n=1, value=18.0, left=True),
                LessonRow(216, 16, "tried", "spring", 0, msgspec.msgpack.encode(tried)),
            ],
        )
    )
    return kept


def test_a_decision_is_a_row_with_typed_columns(store):
    table = frames.decisions(store)
    assert table.num_rows == 2
    assert table.schema.field("at").type == TIME
    assert table.column("at")[0].as_py() == datetime.fromtimestamp((NOON_MS + 100) / 1000, UTC)
    row = table.to_pylist()[0]
    told = ("decision", "person", "chosen", "propensity", "draw", "model", "explains", "holdout")
    assert [row[name] for name in told] == ["d_100", 16, "mail", 0.75, 0.5, "ab12", "exact", False]
    assert (row["moment"], row["channel"]) == ("Order Completed", "web")
    assert table.column("propensity").to_pylist() == [0.75, 0.25]


def test_inputs_are_columns_of_numbers_truths_or_texts(store):
    table = frames.decisions(store)
    assert table.column("x.orders.count").to_pylist() == [3.0, 4.5]
    assert table.column("x.known").to_pylist() == [True, False]
    assert table.column("x.traits.city").to_pylist() == ["Sète", "Lyon"]
    assert table.schema.field("x.views.total").type == pa.float64()


def test_a_text_that_looks_like_a_number_stays_a_text():
    """A level called "42" is no number, in what was decided as in what came of it."""
    inputs = {"traits.level": "42", "traits.yes": "true", "orders.count": 42}
    body = canonical(decision_receipt(decided(16, inputs=inputs)))
    kept = MemoryStore()
    kept.commit(
        Changes(
            cursor=1,
            seq=32,
            plays=[PlayRow("spring", "v1", 1, "live", "")],
            receipts=[ReceiptRow(16, 16, 0, 0, body, b"salt")],
            lessons=[lesson(32, 16, inputs=inputs)],
        )
    )
    for frame in (frames.decisions, frames.outcomes):
        (row,) = frame(kept).to_pylist()
        assert {name: row[f"x.{name}"] for name in inputs} == inputs


def test_every_option_of_a_decision_is_a_row_with_its_verdicts_and_its_worth(store):
    table = frames.propensities(store)
    assert table.num_rows == 6
    mail, call, _ = table.to_pylist()[:3]
    assert (mail["propensity"], mail["score"], mail["value"], mail["cost"]) == (0.75, 3.5, 4.0, 0.5)
    assert (mail["response"], mail["left"], mail["leaving"]) == (0.25, 0.125, 0.0)
    assert mail["chosen"]
    assert mail["answer"] == "allow"
    assert call["score"] is None
    assert call["answer"] == "refuse"
    assert [verdict["reason"] for verdict in call["verdicts"]] == ["quiet_hours", "no_address"]
    sums = table.group_by("decision").aggregate([("propensity", "sum")])
    assert sums.column("propensity_sum").to_pylist() == [1.0, 1.0]


def test_the_parts_of_an_option_sum_to_its_score(store):
    parts = pl.from_arrow(frames.contributions(store)).group_by("decision", "option")
    summed = parts.agg(pl.col("contribution").sum())
    scored = frames.propensities(store, as_="polars").drop_nulls("score")
    joined = scored.join(summed, on=["decision", "option"], validate="1:1")
    assert joined.height == 4
    assert (joined["contribution"] - joined["score"]).abs().max() < 1e-9


def test_an_outcome_is_what_the_newest_lesson_says_with_the_inputs_of_the_first(store):
    table = frames.outcomes(store)
    first, second = table.to_pylist()
    assert (first["decision"], first["n"], first["value"], first["left"]) == (
        "d_100",
        1,
        18.0,
        True,
    )
    assert (first["revised"], second["revised"]) == (True, False)
    assert (first["x.orders.count"], first["x.traits.city"]) == (3.0, "Sète")
    assert table.schema.field("decided").type == table.schema.field("matured").type == TIME


def test_decisions_and_outcomes_join_on_the_decision(store):
    made, came = frames.decisions(store, as_="polars"), frames.outcomes(store, as_="polars")
    both = made.join(came, on="decision", validate="1:1")
    assert both["value"].to_list() == [18.0, 0.0]
    assert both["propensity"].to_list() == [0.75, 0.25]


def test_a_trial_is_a_row_for_each_person_whose_time_is_over(store):
    (row,) = frames.trials(store).to_pylist()
    assert (row["person"], row["arm"], row["value"], row["left"]) == (16, "holdout", 0.0, False)


def test_a_play_can_be_asked_for_alone(store):
    for frame in (
        frames.decisions,
        frames.propensities,
        frames.contributions,
        frames.outcomes,
        frames.trials,
    ):
        assert frame(store, play="spring").num_rows > 0
        assert frame(store, play="autumn").num_rows == 0
        assert frame(store, play="autumn").schema.names == frame(MemoryStore()).schema.names


def test_pandas_and_polars_get_the_same_rows_and_types(store):
    arrow = frames.outcomes(store)
    assert pl.from_arrow(arrow).equals(frames.outcomes(store, as_="polars"))
    pandas = frames.outcomes(store, as_="pandas")
    assert pandas["value"].tolist() == [18.0, 0.0]
    assert str(pandas["decided"].dtype) == "datetime64[ms, UTC]"


def test_the_decisions_of_a_real_house_are_read_from_its_open_engine_or_its_path(tmp_path):
    """Receipts of terms are among them, and are no decisions."""
    place = tmp_path / "shop.db"
    with house(place) as engine:
        engine.add_play(HERO)
        engine.add_play(THANKS)
        engine.take([one for user in "abc" for one in welcome(user)])
        for n in range(40):
            engine.decide(f"user_id:{'abc'[n % 3]}", "home-hero")
        engine.take([track(user, "Order Completed", value=20) for user in "abc"])
        inside = frames.decisions(engine)
    beside = frames.decisions(str(place))
    assert inside.equals(beside)
    assert beside.num_rows == 43
    assert pc.value_counts(beside.column("play")).to_pylist() == [
        {"values": "hero", "counts": 40},
        {"values": "thanks", "counts": 3},
    ]
    chance = frames.propensities(place, play="hero").column("propensity").to_pylist()
    assert set(chance) == {1 / 3}


def test_a_long_past_is_read_in_chunks_that_need_not_have_the_same_inputs():
    """An input that only the last chunk has is null before, and a text there makes all of it text."""
    bodies = [
        canonical(decision_receipt(decided(16 * n, inputs={"orders.count": n}))) for n in (1, 2)
    ]
    last = canonical(decision_receipt(decided(16, inputs={"orders.count": "many", "known": True})))
    kept = MemoryStore()
    receipts = [ReceiptRow(n + 1, 16, 0, n, bodies[n % 2], b"salt") for n in range(CHUNK)]
    receipts.append(ReceiptRow(CHUNK + 1, 16, 0, CHUNK, last, b"salt"))
    kept.commit(Changes(cursor=1, seq=CHUNK + 1, receipts=receipts))
    table = frames.decisions(kept)
    assert table.num_rows == CHUNK + 1
    assert table.column("x.orders.count").to_pylist()[-3:] == ["1", "2", "many"]
    assert table.column("x.known").null_count == CHUNK
    assert table.column("x.known")[-1].as_py() is True


def test_what_is_not_installed_is_named_with_the_way_to_install_it(store, monkeypatch):
    for name, as_ in (("polars", "polars"), ("pandas", "pandas"), ("pyarrow", "arrow")):
        with monkeypatch.context() as without:
            without.setitem(sys.modules, name, None)
            with pytest.raises(ImportError, match=rf"frames need {name}.*pip install"):
                frames.decisions(store, as_=as_)


def test_another_kind_of_frame_is_refused(store):
    with pytest.raises(ValueError, match="needs 'arrow', 'polars' or 'pandas'"):
        frames.decisions(store, as_="excel")


def test_a_path_without_a_store_says_so(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere\.db"):
        frames.decisions(tmp_path / "nowhere.db")
