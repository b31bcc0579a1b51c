"""What an earlier release has written opens, with the same meaning: stored records only grow at the end."""

import json
from pathlib import Path

import msgspec
import pytest

from equipoise.nouns.state import AtomState, PersonState
from nouns.wire import EXAMPLES

RELEASES = sorted(Path(__file__).parent.glob("wire-*.json"))


def written(file):
    return {name: bytes.fromhex(text) for name, text in json.loads(file.read_text()).items()}


@pytest.mark.parametrize("file", RELEASES, ids=lambda file: file.stem)
@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_release_wrote_opens_with_the_same_meaning(file, name):
    noun = EXAMPLES[name]
    assert msgspec.msgpack.decode(written(file)[name], type=type(noun)) == noun


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_read_is_what_was_written(name):
    noun = EXAMPLES[name]
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(noun), type=type(noun))
    assert again == noun
    assert msgspec.msgpack.encode(again) == msgspec.msgpack.encode(noun)


def test_there_is_a_fixture_and_it_holds_every_record():
    assert RELEASES
    assert all(set(written(file)) == set(EXAMPLES) for file in RELEASES)


@pytest.mark.parametrize("name", ["person", "action", "event"])
def test_every_field_of_an_example_differs_from_its_default(name):
    """Or the fixture would not notice a field that moved."""

    def plain(noun, place):
        for field in msgspec.structs.fields(noun):
            value = getattr(noun, field.name)
            default = (
                field.default_factory()
                if field.default_factory is not msgspec.NODEFAULT
                else field.default
            )
            if value == default and f"{place}.{field.name}" not in NEW:
                yield f"{place}.{field.name}"
            for inner in value.values() if isinstance(value, dict) else [value]:
                for part in inner if isinstance(inner, list | tuple) else [inner]:
                    if isinstance(part, msgspec.Struct):
                        yield from plain(part, type(part).__name__)

    assert list(plain(EXAMPLES[name], type(EXAMPLES[name]).__name__)) == []


NEW = {
    "Option.do",
    "Option.channel",
    "Option.cost",
    "Option.review",
    "Option.price",
    "Option.serves",
    "Option.has",
    "AtomState.told",
    "AtomState.windows",
    "AtomState.trials",
    "AtomState.rights",
    "AtomState.felt",
    "AtomState.aims",
    "AtomState.meters",
    "AtomState.unlike",
    "AtomState.refusals",
    "AtomState.intents",
    "Profile.bought",
    "Rights.restricted",
    "Rights.contested",
    "Rights.stopped",
    "Terms.agreed",
    "Terms.talks",
    "Terms.signals",
}
"""Fields that an older fixture cannot have, and those of a record that is stored by its names."""


def test_a_blob_of_before_a_field_was_added_opens_with_its_default():
    whole = msgspec.msgpack.decode(msgspec.msgpack.encode(EXAMPLES["person"]))
    shorter = [[whole[0][0][:11]]]
    opened = msgspec.msgpack.decode(msgspec.msgpack.encode(shorter), type=PersonState)
    assert opened.atoms[0].apart == []
    assert opened.atoms[0].hushes == EXAMPLES["person"].atoms[0].hushes


def test_a_blob_of_a_later_release_opens_without_what_it_does_not_know():
    whole = msgspec.msgpack.decode(msgspec.msgpack.encode(AtomState(id=16)))
    longer = [[[*whole, "new"]]]
    opened = msgspec.msgpack.decode(msgspec.msgpack.encode(longer), type=PersonState)
    assert opened.person == 16
