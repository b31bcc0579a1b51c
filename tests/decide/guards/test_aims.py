"""The guard of aims fires at the person's own limit, spares the service, and says from when on it is open."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.guards.aims import PUSHES, aims
from equipoise.nouns.aims import AIM_KINDS, Aim, Balance
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.nouns.plays import Option
from equipoise.nouns.rules import Rules
from equipoise.plays.phrases import sentence
from equipoise.testing.standing import EMAIL, NOON_MS, PLAY, FakeStanding, ask

PARIS = ZoneInfo("Europe/Paris")
STARTS_MS = int(datetime(2023, 11, 1, tzinfo=PARIS).timestamp() * 1000)
ENDS_MS = int(datetime(2023, 12, 1, tzinfo=PARIS).timestamp() * 1000)
OFFER = Option(name="offer", do="offer", channel="page", price=20.0)


def balance(kind="spend_at_most", used=50_000, most=50_000, ends_ms=ENDS_MS, **more):
    aim = Aim(
        id=kind, kind=kind, at_ms=1, seq=1, until_ms=ENDS_MS * 2, zone="Europe/Paris", most=most
    )
    return Balance(replace(aim, **more), used, most, STARTS_MS, ends_ms)


def asked(*balances, **changes):
    return ask(FakeStanding(aims=balances), **changes)


def test_who_set_no_limit_is_not_asked_about_one():
    assert aims(ask()) is ALLOWED


def test_a_limit_that_is_reached_refuses_what_pushes_and_tells_the_day_it_opens():
    verdict = aims(asked(balance(currency="EUR")))
    assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "aim_spend")
    assert verdict.detail == {"most": "50 EUR", "per": "month", "from": "2023-12-01"}
    assert sentence(verdict.reason, "en", verdict.detail) == (
        "Your own limit on spending is reached: 50 EUR a month, until 1 December 2023."
    )
    assert sentence(verdict.reason, "fr", verdict.detail) == (
        "Votre limite de dépenses est atteinte : 50 EUR par mois, jusqu’au 1er décembre 2023."
    )


def test_below_the_limit_it_goes_on():
    assert aims(asked(balance(used=49_999))) is ALLOWED


@pytest.mark.parametrize("do", ["restrain", "share"])
def test_what_does_not_push_is_left_alone(do):
    assert aims(asked(balance(), option=replace(EMAIL, do=do))) is ALLOWED


@pytest.mark.parametrize("do", sorted(PUSHES))
def test_what_pushes_is_refused(do):
    assert aims(asked(balance(), option=replace(EMAIL, do=do))).answer is Answer.REFUSE


def test_the_service_itself_is_never_refused():
    full = asked(
        balance(), balance("contacts_at_most"), rules=Rules(bases={"marketing": "contract"})
    )
    assert aims(full) is ALLOWED


def test_a_purpose_that_helps_people_keep_their_limits_goes_on():
    assert aims(asked(balance(), rules=Rules(helps=("marketing",)))) is ALLOWED


def test_a_price_that_would_pass_the_limit_is_refused_and_one_that_does_not_is_not():
    close = balance(used=30_001, currency="EUR")
    verdict = aims(asked(close, option=OFFER))
    assert (verdict.reason, verdict.detail["left"]) == ("aim_price", "19.999 EUR")
    assert "19,999 EUR" in sentence("aim_price", "fr", verdict.detail)
    assert aims(asked(balance(used=30_000), option=OFFER)) is ALLOWED
    assert aims(asked(close, option=replace(OFFER, price=None))) is ALLOWED


def test_contacts_wait_for_the_next_period_and_a_page_is_no_contact():
    verdict = aims(asked(balance("contacts_at_most")))
    assert (verdict.answer, verdict.reason) == (Answer.HOLD, "aim_contacts")
    assert verdict.until_ms == ENDS_MS
    assert aims(asked(balance("contacts_at_most"), option=OFFER)) is ALLOWED


def test_who_wants_no_contact_at_all_is_not_held_for_ever():
    none = aims(asked(balance("contacts_at_most", used=0, most=0)))
    assert (none.answer, none.reason) == (Answer.REFUSE, "aim_contacts")


def test_less_use_refuses_and_a_share_of_an_unknown_period_does_not():
    verdict = aims(asked(balance("use_less", what="Order Completed")))
    assert verdict.reason == "aim_use"
    assert sentence("aim_use", "fr", verdict.detail) == (
        "Votre limite de consommation est atteinte : commandes, 50 par mois, jusqu’au 1er décembre 2023."
    )
    assert aims(asked(balance("use_less", most=None))) is ALLOWED
    assert aims(asked(balance("goal", most=None))) is ALLOWED


def test_a_limit_on_a_category_spares_only_what_is_known_to_be_about_another():
    shoes = balance(category="shoes")
    moment = asked().moment
    assert aims(asked(shoes)).reason == "aim_spend", "it may be about shoes"
    assert aims(asked(shoes, moment=replace(moment, facts={"category": "coats"}))) is ALLOWED
    coats = replace(EMAIL, serves="coats")
    assert aims(asked(shoes, option=coats)) is ALLOWED
    about_shoes = replace(moment, facts={"category": "shoes"})
    assert aims(asked(shoes, option=coats, moment=about_shoes)) is ALLOWED, "it says so itself"
    assert aims(asked(shoes, option=replace(EMAIL, serves="shoes"))).reason == "aim_spend"
    told = aims(asked(shoes, moment=about_shoes)).detail
    assert told["category"] == "shoes"


def test_of_several_limits_the_last_to_free_up_is_told_and_a_refusal_before_a_hold():
    later = balance("use_less", ends_ms=ENDS_MS + 1, what="page")
    assert aims(asked(balance(), later)).reason == "aim_use"
    assert aims(asked(later, balance())).reason == "aim_use"
    assert aims(asked(balance("contacts_at_most"), balance())).reason == "aim_spend"


balances = st.builds(
    balance,
    st.sampled_from(AIM_KINDS),
    st.integers(-100_000, 100_000),
    st.one_of(st.none(), st.integers(0, 60_000)),
    st.sampled_from((NOON_MS + 1, ENDS_MS)),
    category=st.sampled_from(("", "shoes")),
)


@given(st.lists(balances, max_size=4), balances, st.sampled_from((EMAIL, OFFER)))
def test_one_more_aim_never_enables_anything(held, more, option):
    before = aims(asked(*held, option=option))
    assert aims(asked(*held, more, option=option)).answer >= before.answer
    assert aims(asked(more, *held, option=option)).answer >= before.answer


def test_the_play_of_the_example_is_not_part_of_the_contract():
    assert Rules().basis(PLAY.purpose) != "contract"
