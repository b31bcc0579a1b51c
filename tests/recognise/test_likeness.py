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
    assert found[0].score > 0.9


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


# --- people who live together, and houses in which hardly anybody came twice --------------------------


def crowd(many, *fields, seed=4):
    """People without anything in common but chance, each with an e-mail address of their own."""
    chance = random.Random(seed)
    made = []
    for n in range(many):
        whole = {
            "given_name": chance.choice(GIVEN),
            "family_name": chance.choice(FAMILY),
            "birth_date": f"19{chance.randint(40, 99)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "city": chance.choice(CITIES),
            "email": f"{chance.getrandbits(48):x}@example.org",
            "phone": f"+336{chance.getrandbits(26):08d}",
        }
        made.append(Record(100 + n, {name: whole[name] for name in fields}))
    return made


def families(homes, twice, *without):
    """Homes that share surname, street, town, telephone and mailbox, some of whose people came twice."""
    chance = random.Random(11)
    made, truth = [], set()
    for home in range(homes):
        surname = f"{chance.choice(FAMILY)}{chance.choice('aeiou')}{chance.choice(FAMILY)}"
        shared = {
            "family_name": surname,
            "street": f"{home} {chance.choice(FAMILY)} street",
            "city": chance.choice(CITIES),
            "phone": f"+336{chance.getrandbits(26):08d}",
            "email": f"{surname}{home}@example.org",
        }
        for given in chance.sample(GIVEN, chance.randint(1, 4)):
            born = (
                f"19{chance.randint(40, 99)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            )
            values = shared | {"given_name": given, "birth_date": born}
            values = {name: value for name, value in values.items() if name not in without}
            made.append(Record(len(made) + 1, values))
            if len(truth) < twice and chance.random() < 0.2:
                again = values | {
                    "email": f"{given}.{surname}@example.net",
                    "given_name": given[:-1],
                }
                made.append(Record(len(made) + 1, again))
                truth.add((len(made) - 1, len(made)))
    return made, truth


@pytest.mark.parametrize("many", [60, 450])
@pytest.mark.parametrize("fields", [("given_name", "family_name", "email", "city"), ("email", "phone"),
                                    ("given_name", "birth_date", "email", "city")])  # fmt: skip
def test_a_house_in_which_no_two_have_an_address_in_common_can_be_searched(many, fields):
    assert [pair for pair in liken(crowd(many, *fields)) if pair.score >= 0.95] == []


@pytest.mark.parametrize("without", [(), ("birth_date",), ("phone", "email")])
def test_people_of_one_household_are_not_taken_for_one_person(without):
    made, _ = families(150, 0, *without)
    assert [pair for pair in liken(made) if pair.score >= 0.95] == []


@pytest.mark.parametrize("twice", [3, 40])
def test_somebody_who_came_twice_is_found_among_the_family(twice):
    made, truth = families(200, twice)
    assert len(truth) == twice
    sure = {(pair.left, pair.right) for pair in liken(made) if pair.score >= 0.95}
    assert sure <= truth
    assert len(sure) >= 0.9 * twice


@pytest.mark.parametrize("twins", [3, 12])
def test_twins_stay_two(twins):
    """They agree on all but the given name; that one person has two names is not learnt from them."""
    made, truth = families(200, 20)
    chance = random.Random(3)
    pairs = set()
    for one in chance.sample(made, twins):
        made.append(Record(len(made) + 1, one.values | {"given_name": f"zz{one.id}"}))
        pairs.add((one.id, len(made)))
    sure = {(pair.left, pair.right) for pair in liken(made) if pair.score >= 0.95}
    assert not sure & pairs
    assert sure <= truth


def test_a_day_of_birth_that_many_are_given_for_want_of_another_joins_nobody():
    made = crowd(450, "given_name", "family_name", "birth_date", "city", "email")
    made = [
        Record(one.id, one.values | {"birth_date": "1970-01-01"}) if one.id % 3 == 0 else one
        for one in made
    ]
    sure = [pair for pair in liken(made) if pair.score >= 0.95]
    names = {one.id: (one.values["given_name"], one.values["family_name"]) for one in made}
    assert [pair for pair in sure if names[pair.left] != names[pair.right]] == []
    assert len(sure) <= 2
    assert "birth_date" not in {one.field for pair in sure for one in pair.evidence}
