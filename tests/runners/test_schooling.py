"""A model enters the log by its hash, is in force from there on, and is put back into force at a start."""

from hashlib import sha256

import msgspec
import pytest

from equipoise.nouns.records import ModelVersion
from equipoise.runners.embedded import ME
from equipoise.runners.schooling import School, no_model
from house import house, rows_of, track


def reader(seen):
    """Reads bodies that begin with `model`, and notes what it was given."""

    def read(name, body, learnt):
        if not body.startswith(b"model"):
            raise ValueError(f"model {name!r}: cannot be read")
        seen.append((name, body))

    return read


def schooled(engine, seen):
    engine.walker._school = School(engine.walker.engine, engine.store, reader(seen))
    return engine


def version(name="play/p", body=b"model 1", digest=None):
    return ModelVersion(name=name, sha256=digest or sha256(body).hexdigest(), body=body)


def ask(engine, model):
    return msgspec.json.decode(engine.ask("model", model))


def test_a_version_is_put_into_force_stored_and_logged_without_its_body():
    seen = []
    engine = schooled(house(), seen)
    model = version()
    assert ask(engine, model) == {"ok": True, "version": model.sha256}
    assert seen == [("play/p", b"model 1")]
    assert engine.store.model(model.sha256).body == b"model 1"
    (row,) = engine.store.recent(1)
    assert (row.kind, row.atom) == ("model", 0)
    assert msgspec.json.decode(row.body) == {"name": "play/p", "sha256": model.sha256}


@pytest.mark.parametrize(
    ("model", "words"),
    [(version(digest="0" * 64), "not 0000"), (version(body=b"poem"), "cannot be read")],
)
def test_one_that_is_not_what_it_says_or_cannot_be_read_changes_nothing(model, words):
    seen = []
    engine = schooled(house(), seen)
    told = ask(engine, model)
    assert not told["ok"]
    assert words in told["reason"]
    assert (seen, engine.store.models()) == ([], [])


def test_the_newest_of_each_is_in_force_again_after_a_start():
    seen = []
    engine = schooled(house(), seen)
    for body in (b"model 1", b"model 2"):
        ask(engine, version(body=body))
    ask(engine, version("lifetime", b"model 3"))
    seen.clear()
    School(engine.walker.engine, engine.store, reader(seen))
    assert seen == [("lifetime", b"model 3"), ("play/p", b"model 2")]


def test_one_that_another_release_wrote_rests_and_is_told():
    engine = schooled(house(), [])
    ask(engine, version())
    school = School(engine.walker.engine, engine.store, no_model)
    assert "not given a reader" in school.unreadable["play/p"]


def test_a_model_is_in_force_for_what_comes_after_it_and_not_before():
    """It is a step of its own, so that the rows around it see the version that the log says."""
    order = []
    engine = schooled(house(), [])
    engine.walker._school._read_model = lambda *_: order.append("model")
    take = engine.walker.engine.take
    engine.walker.engine.take = lambda *given: (order.append("event"), take(*given))
    model = engine._row("model", msgspec.msgpack.encode(version()), ME)
    engine.intake.append(
        [rows_of([track("a", "page", 1)]), model, rows_of([track("a", "page", 2)])]
    )
    engine.catch_up()
    assert order == ["event", "model", "event"]
