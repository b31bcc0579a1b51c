"""A person as guards see them: nothing invalid, nothing lost between atoms, nothing merged in vain."""

import pytest

from equipoise.nouns.events import Handle
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, Contact, Last, PersonState
from equipoise.ports import Standing
from equipoise.remember.view import View

RULES = Rules(timezone="Europe/Paris", locale="fr")


def traits(**told) -> dict[str, Last]:
    """Last values by name (`at_` for `@`): a value, or a value with its time."""
    pairs = {
        name: value if isinstance(value, tuple) else (value, 1) for name, value in told.items()
    }
    return {
        name.replace("at_", "@"): Last(value, at_ms, "e") for name, (value, at_ms) in pairs.items()
    }


def view(*atoms: dict[str, Last], **handles: str) -> View:
    """A view of a person with these traits, atom by atom, and handles on the first."""
    states = [AtomState(id=number) for number, _ in enumerate(atoms, 1)]
    for state, last in zip(states, atoms, strict=True):
        state.profile.last = last
    states[0].handles = [Handle(kind, value) for kind, value in handles.items()]
    return View(PersonState(atoms=states), 1_000, RULES)


def test_a_view_is_what_guards_ask():
    standing: Standing = view({})
    assert (standing.person, standing.known, standing.per_week, standing.quiet) == (
        1,
        False,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("told", "zone"),
    [
        ({}, "Europe/Paris"),
        ({"at_timezone": "Asia/Tokyo"}, "Asia/Tokyo"),
        ({"timezone": "America/Lima", "at_timezone": "Asia/Tokyo"}, "America/Lima"),
        ({"timezone": "Mars/Olympus", "at_timezone": "Asia/Tokyo"}, "Asia/Tokyo"),
        ({"timezone": "Europe", "at_timezone": "../../etc/passwd"}, "Europe/Paris"),
        ({"timezone": "\0", "at_timezone": ""}, "Europe/Paris"),
        ({"timezone": 7}, "Europe/Paris"),
    ],
)
def test_a_time_zone_is_stated_or_seen_or_the_houses_and_always_exists(told, zone):
    assert view(traits(**told)).timezone == zone


@pytest.mark.parametrize(
    ("told", "locale"),
    [
        ({}, "fr"),
        ({"at_locale": "en-GB"}, "en"),
        ({"locale": "EN_us", "at_locale": "fr"}, "en"),
        ({"language": "en"}, "en"),
        ({"locale": "de-DE", "at_locale": "en"}, "en"),
        ({"locale": "de-DE"}, "fr"),
        ({"locale": True}, "fr"),
    ],
)
def test_a_language_is_one_that_the_house_speaks(told, locale):
    assert view(traits(**told)).locale == locale


def test_the_last_value_of_all_atoms_counts():
    both = view(traits(city=("Nîmes", 5)), traits(city=("Sète", 9)))
    assert both.get("traits.city") == "Sète"


def test_a_field_that_does_not_exist_is_not_known():
    assert view({}).get("orders.colour") is None
    assert view({}).get("event.total") is None


def test_an_address_is_the_one_stated_else_the_newest_and_always_a_handle():
    assert view({}).address("email") is None
    assert view({}, email="a@x.org").address("email") == "a@x.org"
    states = [AtomState(id=1, handles=[Handle("email", "a@x.org"), Handle("phone", "+33")])]
    states.append(AtomState(id=2, handles=[Handle("email", "b@x.org")]))
    person = PersonState(atoms=states)
    assert View(person, 0, RULES).address("email") == "b@x.org"
    states[0].profile.last = traits(email="A@x.org ")
    assert View(person, 0, RULES).address("email") == "a@x.org"
    states[0].profile.last = traits(email="c@x.org")
    assert View(person, 0, RULES).address("email") == "b@x.org"
    assert [handle.value for handle in View(person, 0, RULES).handles] == [
        "a@x.org",
        "+33",
        "b@x.org",
    ]


def test_contacts_of_all_atoms_add_up_oldest_first():
    states = [
        AtomState(id=1, contacts=[Contact(5, 50, "a", "email"), Contact(9, 90, "b", "email")]),
        AtomState(id=2, contacts=[Contact(7, 70, "a", "email")]),
    ]
    standing = View(PersonState(atoms=states), 10, RULES)
    assert standing.contact_times_ms(0) == [5, 7, 9]
    assert standing.contact_times_ms(6) == [7, 9]
    assert standing.contact_times_ms(7, "a") == [7]


def test_known_is_known_by_any_atom():
    person = PersonState(atoms=[AtomState(id=1), AtomState(id=2, known=True)])
    assert View(person, 0, RULES).known
