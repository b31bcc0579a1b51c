"""How alike people are: who is found, what speaks for it, and that nothing is decided or kept of them."""

import random

import pytest

from equipoise.nouns.hypotheses import Hypothesis
from equipoise.recognise.likeness import FIELDS, LEVELS, NoLikeness, Record, Search, liken

GIVEN = ("ana", "bruno", "chloe", "david", "emma", "farid", "greta", "hugo", "ines", "jules")
FAMILY = ("martin", "bernard", "petit", "durand", "leroy", "moreau", "simon", "laurent", "roux")
CITIES = ("lille", "nantes", "rennes", "metz", "nice", "tours")


@pytest.fixture(scope="module")
def records():
    chance = random.Random(4)
    people = [
        Record(
            100 + n,
            {
                "given_name": chance.choice(GIVEN),
                "family_name": chance.choice(FAMILY),
                "birth_date": f"19{chance.randint(40, 99)}-{chance.randint(1, 12):02}-"
                f"{chance.randint(1, 28):02}",
                "city": chance.choice(CITIES),
                "email": f"{chance.getrandbits(48):x}@example.org",
            },
        )
        for n in range(120)
    ]
    again = people[7].values | {"given_name": "anna", "email": "zq@another.example.net"}
    first = people[7].values | {"given_name": "ana"}
    return [*people[:7], Record(107, first), *people[8:], Record(900, again)]


@pytest.fixture(scope="module")
def found(records):
    return liken(records)


def test_a_person_who_came_twice_with_a_misspelt_name_is_found(found):
    assert (found[0].left, found[0].right) == (107, 900)
    assert found[0].score > 0.95


def test_the_likeliest_pair_comes_first_and_none_is_below_the_least_score(found):
    scores = [pair.score for pair in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] >= Search().least


def test_the_evidence_says_field_by_field_what_speaks_for_and_against(found):
    told = {one.field: one for one in found[0].evidence}
    assert told["family_name"].level == told["birth_date"].level == told["city"].level == "exact"
    assert told["given_name"].level == "close"
    assert told["email"].level == "different"
    assert told["birth_date"].weight > 0 > told["email"].weight
    assert {one.level for one in told.values()} <= set(LEVELS)


def test_a_hypothesis_keeps_no_value_of_anybody(found):
    assert "martin" not in repr(found)
    assert Hypothesis.__struct_fields__ == ("left", "right", "score", "evidence", "held")


def test_the_same_records_give_the_same_scores(records, found):
    assert liken(records) == found


def test_people_who_share_too_little_to_be_compared_are_refused():
    with pytest.raises(NoLikeness, match="nothing to compare"):
        liken([Record(1, {"city": "lille"}), Record(2, {"city": "lille"})])


def test_a_way_of_narrowing_down_that_gives_too_many_pairs_is_left_out(records):
    with pytest.raises(NoLikeness, match="at most -1 pairs"):
        liken(records, Search(most_pairs=-1))


def test_each_field_is_read_from_some_trait():
    assert all(field.traits for field in FIELDS.values())
