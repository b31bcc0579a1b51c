"""What may be looked up as a handle, and what is dropped with which reason."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.events import Handle
from equipoise.recognise.handles import ILLEGAL, KINDS, LONGEST, RANK, clean, is_strong


def one(kind: str, value: str, trust="server"):
    """The handle that `value` becomes, or the reason code why it is dropped."""
    kept, dropped = clean((Handle(kind, value),), trust)
    assert len(kept) + len(dropped) == 1
    return kept[0].value if kept else dropped[0]


def test_the_strongest_kind_comes_first_and_only_a_user_id_is_unique():
    assert list(RANK) == ["user_id", "card", "email", "phone", "device", "anonymous_id"]
    assert [kind for kind, row in KINDS.items() if row.strong] == list(RANK)[:4]
    assert KINDS["user_id"].most == 1
    assert is_strong(Handle("phone", "+33612345678"))
    assert not is_strong(Handle("device", "d1"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", sorted(ILLEGAL))
def test_a_value_that_names_nobody_is_dropped_in_any_case_and_padding(kind, value):
    assert one(kind, value) == "handle_illegal"
    assert one(kind, f"  {value.upper()}\t") == "handle_illegal"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("user_id", "00000000-0000-0000-0000-000000000000"),
        ("device", "00000000000000000000000000000000"),
        ("anonymous_id", "x" * (LONGEST + 1)),
        ("anonymous_id", "a\x00b"),
        ("anonymous_id", "a\x1b[31m"),
        ("anonymous_id", "half a pair \ud800"),
        ("anonymous_id", "invisible\u200bmark"),
        ("user_id", "User"),
        ("email", "Test@Test.com"),
        ("phone", "01 23 45 67 89"),
        ("device", "9774D56D682E549C"),
    ],
)
def test_zero_ids_control_characters_and_the_defaults_of_a_kind_name_nobody(kind, value):
    assert one(kind, value) == "handle_illegal"


def test_what_is_illegal_for_one_kind_may_be_fine_for_another():
    assert one("card", "9774d56d682e549c") == "9774d56d682e549c"
    assert one("anonymous_id", "x" * LONGEST) == "x" * LONGEST


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (" Ana@Example.ORG ", "ana@example.org"),
        ("a.b+tag@mail.example.co.uk", "a.b+tag@mail.example.co.uk"),
        ("élodie@exämple.fr", "élodie@exämple.fr"),
        ("e\u0301lodie@example.fr", "élodie@example.fr"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_is_written_in_lower_case_and_composed(value, written):
    assert one("email", value) == written


@pytest.mark.parametrize(
    "value",
    ["ana", "ana@", "@example.org", "ana@example", "ana@@example.org", "a na@example.org",
     "ana@example..org", "ana@-example.org", ".ana@example.org", "ana.@example.org", "a..b@x.org",
     "ana@example.org,bob@example.org", "Ana <ana@example.org>", f"{'a' * 65}@example.org"],
)  # fmt: skip
def test_what_cannot_be_an_address_is_malformed(value):
    assert one("email", value) == "handle_malformed"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033 6.12.34.56.78", "+33612345678"),
        ("+33 (0)6 12-34-56-78", "+33612345678"),
        ("06 12 34 56 78", "0612345678"),
    ],
)
def test_a_phone_number_is_digits_with_a_plus_for_the_country(value, written):
    assert one("phone", value) == written


@pytest.mark.parametrize(
    "value", ["12345", "+1234567890123456", "call me", "06 12 34 56 7x", "1111111111", "6+33123456"]
)
def test_what_cannot_be_a_phone_number_is_malformed(value):
    assert one("phone", value) == "handle_malformed"


def test_other_kinds_are_only_trimmed_so_that_case_and_spaces_inside_count():
    assert one("user_id", " Ana 7 ") == "Ana 7"
    assert clean((Handle("user_id", "A"), Handle("user_id", "a")), "server")[0] == (
        Handle("user_id", "A"),
        Handle("user_id", "a"),
    )


def test_a_kind_outside_the_table_is_dropped():
    assert one("ip", "10.0.0.1") == "handle_kind_unknown"


def test_a_handle_shown_twice_counts_once():
    shown = (Handle("email", "A@x.org"), Handle("email", "a@x.org"), Handle("card", "1234"))
    assert clean(shown, "server") == ((Handle("email", "a@x.org"), Handle("card", "1234")), ())


def test_a_public_source_speaks_for_one_anonymous_id_and_for_nothing_else():
    shown = (
        Handle("user_id", "ana"),
        Handle("anonymous_id", "a1"),
        Handle("email", "ana@example.org"),
        Handle("device", "d1"),
        Handle("anonymous_id", "a2"),
        Handle("anonymous_id", "a1"),
    )
    kept, dropped = clean(shown, "public")
    assert kept == (Handle("anonymous_id", "a1"),)
    assert dropped == ("handle_not_trusted",) * 4
    assert len(clean(shown, "server")[0]) == 5


def test_every_reason_says_the_same_the_second_time():
    """The table of past answers gives what the first look gave."""
    shown = (Handle("ip", "1"), Handle("card", "null"), Handle("email", "no"), Handle("email", "x"))
    assert clean(shown, "server") == clean(shown, "server")


@given(
    st.sampled_from(list(KINDS)), st.text(max_size=40) | st.text(string.digits + "+ -", max_size=20)
)
def test_cleaning_what_is_clean_changes_nothing(kind, value):
    kept, _ = clean((Handle(kind, value),), "server")
    assert clean(kept, "server") == (kept, ())
    for handle in kept:
        handle.value.encode()
        assert handle.value.strip() == handle.value != ""
