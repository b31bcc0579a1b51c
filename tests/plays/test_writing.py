"""A play made in Python and the same play in YAML are one."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings

from equipoise.nouns.plays import SILENCE, Option, Play, Trigger
from equipoise.plays.reading import read_play
from equipoise.plays.writing import dump_play, play_to_dict
from plays.made import plays


@settings(max_examples=60, deadline=None)
@given(plays)
def test_a_play_survives_being_written_and_read(play):
    text = dump_play(play)
    version = sha256(text.encode()).hexdigest()
    assert read_play(text) == msgspec.structs.replace(play, version=version)


@pytest.mark.parametrize(
    "silence", [SILENCE, Option(name="silence", do="silence", channel="", share=0.4)]
)
def test_a_play_of_silence_alone_survives_too(silence):
    play = Play(name="quiet", purpose="service", moment=Trigger(decide="x"), options=(silence,))
    assert read_play(dump_play(play)).options == (silence,)


def test_silence_keeps_its_place_and_what_is_usual_is_not_written():
    play = Play(
        name="a",
        purpose="service",
        moment=Trigger(decide="x"),
        options=(SILENCE, Option(name="b", channel="page", content={"title": "c"})),
    )
    assert play_to_dict(play) == {
        "name": "a",
        "purpose": "service",
        "moment": {"decide": "x"},
        "options": [
            {"name": "silence", "do": "silence"},
            {"name": "b", "do": "notify", "channel": "page", "title": "c"},
        ],
    }
    assert read_play(dump_play(play)).options == play.options
