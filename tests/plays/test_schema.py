"""The published schema is up to date, and takes and refuses what the reader does."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from equipoise.plays.lines import plain
from equipoise.plays.reading import structure
from equipoise.plays.schema import play_schema, published, written
from equipoise.plays.starting import new_play, templates
from equipoise.plays.writing import play_to_dict
from plays.made import GOOD, plays, scalars

VALIDATOR = Draft202012Validator(play_schema())


def test_the_published_file_is_the_schema_of_today():
    """Write it anew with `python -m equipoise.plays.schema` after a change of shapes.py."""
    assert published() == written()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(json.loads(published()))


def both(data: object) -> tuple[bool, bool]:
    """What the reader and the schema say of the same data; JSON is YAML too."""
    text = json.dumps(data)
    root, mistakes = structure(text)
    if root is not None:
        assert plain(root) == data
    return not mistakes, VALIDATOR.is_valid(data)


SPOILS = [
    ("name", "After First"),
    ("name", 5),
    ("name", None),
    ("nmae", "a"),
    ("title", ""),
    ("title", {}),
    ("title", {"english": "a"}),
    ("title", {"en": 3}),
    ("purpose", ["marketing"]),
    ("status", "alive"),
    ("status", True),
    ("moment", {}),
    ("moment", {"event": "a", "decide": "b"}),
    ("moment", {"where": {"field": "a", "is": 1}}),
    ("moment", {"every_hours": 0}),
    ("moment", "Order Completed"),
    ("audience", {}),
    ("audience", {"field": "a"}),
    ("audience", {"field": "a", "equals": 1}),
    ("audience", {"field": "a(b)", "is": 1}),
    ("audience", {"field": "a", "is": None}),
    ("audience", {"field": "a", "is": [1]}),
    ("audience", {"field": "a", "at_least": "1"}),
    ("audience", {"field": "a", "at_least": True}),
    ("audience", {"field": "a", "is": 2**53}),
    ("audience", {"field": "a", "one_of": []}),
    ("audience", {"field": "a", "known": 1}),
    ("audience", {"all": []}),
    ("audience", {"all": [{}]}),
    ("audience", {"not": {"any": "x"}}),
    ("audience", {"not": {"field": "a", "is": 1}, "all": [{"field": "a", "is": 1}]}),
    ("options", []),
    ("options", {}),
    ("options", [{"do": "notify"}]),
    ("options", [{"name": "a", "cost": -1}]),
    ("options", [{"name": "a", "cost": "1"}]),
    ("options", [{"name": "a", "share": 1.5}]),
    ("options", [{"name": "a", "stock": 1.5}]),
    ("options", [{"name": "a", "review": "yes"}]),
    ("options", [{"name": "a", "content": {"Bad Key": "x"}}]),
    ("options", [{"name": "a", "content": "x"}]),
    ("options", [{"name": "a", "body": 5}]),
    ("goal", {}),
    ("goal", {"event": "a", "within_days": 0}),
    ("goal", {"event": "a", "value": True}),
    ("goal", {"event": "a", "currency": "euro"}),
    ("limits", {"per_person": {"times": 1, "days": 1}}),
    ("limits", {"per_person": [{"times": 0, "days": 1}]}),
    ("limits", {"per_person": [{"times": 1}]}),
    ("limits", {"total": 0}),
    ("limits", {"valid_for_hours": 0}),
    ("explore_floor", 1),
    ("holdout", 1),
    ("holdout", -0.1),
    ("priority", 1.5),
    ("effect", "huge"),
    ("chooser", ""),
]


@pytest.mark.parametrize(("key", "value"), SPOILS)
def test_both_refuse_what_is_spoilt(key, value):
    data = plain(structure(GOOD)[0])
    data[key] = value
    assert both(data) == (False, False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("audience", {"field": "a", "at_least": 1, "at_most": 3}),
        (
            "audience",
            {"any": [{"field": "a", "is": ""}, {"not": {"field": "b c", "known": False}}]},
        ),
        ("options", [{"name": "a", "stock": 5.0, "content": {"colour": {"fr-CA": "bleu"}}}]),
        ("goal", {"event": "a", "value": 0}),
        ("limits", {}),
        ("priority", -3),
        ("explore_floor", 0),
    ],
)
def test_both_take_what_is_unusual_and_fine(key, value):
    data = plain(structure(GOOD)[0])
    data[key] = value
    assert both(data) == (True, True)


@pytest.mark.parametrize("needed", ["name", "purpose", "moment", "options"])
def test_both_miss_what_is_needed(needed):
    data = plain(structure(GOOD)[0])
    del data[needed]
    assert both(data) == (False, False)


@pytest.mark.parametrize("name", templates())
def test_both_take_every_template(name):
    assert both(plain(structure(new_play(name))[0])) == (True, True)


junk = st.one_of(
    scalars,
    st.none(),
    st.lists(scalars, max_size=2),
    st.dictionaries(st.sampled_from(["en", "field", "is"]), scalars),
)


@st.composite
def spoilt(draw):
    """A play as plain data, with one value somewhere taken out or put in another's place."""
    data = json.loads(json.dumps(play_to_dict(draw(plays))))
    spots = [(data, key) for key in data]
    for holder, key in spots:
        inner = holder[key]
        if isinstance(inner, dict):
            spots += [(inner, below) for below in inner]
        elif isinstance(inner, list):
            spots += [(inner, place) for place in range(len(inner))]
    holder, key = draw(st.sampled_from(spots))
    if isinstance(holder, dict) and draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = draw(junk)
    return data


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(spoilt())
def test_both_agree_on_whatever_is_done_to_a_play(data):
    reader, schema = both(data)
    assert reader == schema
