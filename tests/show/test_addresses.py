"""A person's public name leads back to the person, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.show.addresses import MOST, person_name, person_number, record_number


@given(st.integers(0, MOST - 1))
def test_a_public_name_leads_back_to_its_person(person: int) -> None:
    name = person_name(person)
    assert person_number(name) == person
    assert not set(name[2:]) & set("lo01")


@pytest.mark.parametrize(
    "text", ["", "p_", "p_l", "ana", "-1", "9" * 17, "p_" + "9" * 13, "1.5", "٣"]
)
def test_what_is_no_name_is_nobody(text: str) -> None:
    assert person_number(text) is None


def test_a_receipt_is_found_by_its_number_or_its_name() -> None:
    assert (record_number("17"), record_number("d_17"), record_number("t_17")) == (17, 17, 17)
    assert [record_number(t) for t in ("", "d_", "dd_1", "-1", "9" * 30, "9" * 16)] == [None] * 6
