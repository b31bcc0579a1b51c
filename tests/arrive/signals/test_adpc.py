"""ADPC: what a browser withdraws, objects to and consents to, whatever else stands in the header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.arrive.signals.adpc import LONGEST, MOST_IDS, Adpc, read_adpc

names = st.from_regex(r"[a-z][a-z0-9:/._-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", Adpc()),
        ("withdraw=*", Adpc(withdraw=("*",))),
        ("object=direct-marketing", Adpc(object=("direct-marketing",))),
        ('consent="q1 q2"', Adpc(consent=("q1", "q2"))),
        ("consent=q1", Adpc(consent=("q1",))),
        (
            'withdraw=*, object=direct-marketing, consent="q1 q2"',
            Adpc(("*",), ("direct-marketing",), ("q1", "q2")),
        ),
        (' WITHDRAW = "a  b" ', Adpc(withdraw=("a", "b"))),
        ('consent="https://example.org/a,b q"', Adpc(consent=("https://example.org/a,b", "q"))),
        ("withdraw=a, withdraw=b", Adpc(withdraw=("a", "b"))),
    ],
)
def test_what_stands_there_is_read(text, said):
    assert read_adpc(text) == said


def test_nobody_consents_to_everything():
    assert read_adpc("consent=*").consent == ()
    assert read_adpc('consent="* q1"').consent == ("q1",)


def test_what_is_both_consented_to_and_withdrawn_is_withdrawn():
    said = read_adpc('consent="q1 q2", withdraw=q1')
    assert (said.consent, said.withdraw) == (("q2",), ("q1",))


@pytest.mark.parametrize("odd", ["?", "consent=", "=x", "consent=a b", 'consent="q1', "x" * 5000])
def test_what_cannot_be_read_is_told_and_a_denial_beside_it_counts(odd):
    said = read_adpc(f"withdraw=*, object=x, {odd}")
    assert said.odd
    assert (said.withdraw, said.object, said.consent) == (("*",), ("x",), ())


def test_more_denials_than_are_read_deny_everything():
    many = " ".join(f"q{n}" for n in range(MOST_IDS + 1))
    assert read_adpc(f'withdraw="{many}"').withdraw == ("*",)
    assert read_adpc(f'object="{many}"').object == ("*",)
    assert len(read_adpc(f'consent="{many}"').consent) == MOST_IDS


@given(st.text(alphabet='abc*=,"\\ \t-é', max_size=80) | st.text(max_size=2 * LONGEST))
def test_any_text_is_read(text):
    said = read_adpc(text)
    assert not set(said.consent) & set(said.withdraw)
    assert "*" not in said.consent


@given(st.lists(names, max_size=5), st.lists(names, max_size=5), st.lists(names, max_size=5))
def test_what_is_written_is_read(withdrawn, objected, consented):
    parts = [("withdraw", withdrawn), ("object", objected), ("consent", consented)]
    text = ", ".join(f'{name}="{" ".join(ids)}"' for name, ids in parts if ids)
    said = read_adpc(text)
    assert said.withdraw == tuple(dict.fromkeys(withdrawn))
    assert said.object == tuple(dict.fromkeys(objected))
    assert set(said.consent) == set(consented) - set(withdrawn)
    assert not said.odd


@given(st.text(max_size=60), names)
def test_a_denial_in_front_counts_whatever_follows_it(rest, name):
    assert (
        name in read_adpc(f"withdraw={name}, {rest}").withdraw
        or "*" in read_adpc(f"withdraw={name}, {rest}").withdraw
    )
