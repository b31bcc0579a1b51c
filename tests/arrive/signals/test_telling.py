"""Signals become events that say what the person allows; denials always, consents only to what was shown."""

from arrive.signals.tc_writing import tc
from equipoise.arrive.signals import (
    Heard,
    Meaning,
    Notice,
    Speaker,
    events_of,
    read_adpc,
    read_tc,
)
from equipoise.nouns.events import Handle

ANA = Speaker((Handle("anonymous_id", "a1"),), "browser", "public", 1_790_000_000_000, "fr")
MEANING = Meaning(
    notices={
        "news": Notice("newsletter", {"en": "We write monthly.", "fr": "Chaque mois."}, "email")
    },
    marketing=("marketing", "newsletter"),
    interest=("analytics",),
    gpc=("personalisation",),
    tcf={"analytics": (7, 8), "ads": (3,)},
    vendor=7,
)


def said(heard: Heard, meaning: Meaning = MEANING):
    return [
        (event.kind, event.facts.get("purpose", "")) for event in events_of(heard, ANA, meaning)
    ]


def test_no_signal_says_nothing():
    assert said(Heard()) == []


def test_gpc_bars_the_two_bits_and_denies_what_the_house_reads_into_it():
    assert said(Heard(gpc=True)) == [("terms.signal", ""), ("terms.objected", "personalisation")]
    assert said(Heard(gpc=True), Meaning()) == [("terms.signal", "")]
    (event,) = events_of(Heard(gpc=True), ANA, Meaning())
    assert event.facts["bars"] == ["third_party", "cross_site"]
    assert (event.trust, event.provenance) == ("public", "stated")


def test_a_consent_counts_for_a_notice_that_is_served_with_the_text_that_was():
    (event,) = events_of(Heard(adpc=read_adpc('consent="news nowhere"')), ANA, MEANING)
    assert (event.kind, event.facts["purpose"], event.facts["channel"]) == (
        "terms.granted",
        "newsletter",
        "email",
    )
    assert event.facts["notice"] == {"id": "news", "language": "fr", "text": "Chaque mois."}


def test_withdrawing_everything_spares_what_is_consented_to_beside_it():
    withdrawn = events_of(Heard(adpc=read_adpc("withdraw=*, consent=news")), ANA, MEANING)[-1]
    assert withdrawn.facts == {
        "purpose": "*",
        "only": "granted",
        "save": ["newsletter"],
        "method": "ADPC",
    }


def test_objecting_to_direct_marketing_names_every_such_purpose():
    heard = Heard(adpc=read_adpc("object=direct-marketing"))
    assert said(heard) == [("terms.objected", "marketing"), ("terms.objected", "newsletter")]
    assert ("terms.objected", "analytics") in said(Heard(adpc=read_adpc("object=*")))
    assert said(Heard(adpc=read_adpc("object=service"))) == [], "that is no interest of the house"


def test_a_tc_string_grants_what_all_its_purposes_allow_and_withdraws_the_rest():
    told = read_tc(tc({7}, purposes={3, 7}, consent={7}))
    assert said(Heard(tc=told)) == [("terms.granted", "ads"), ("terms.withdrawn", "analytics")]
    assert said(Heard(tc=told), Meaning()) == [], "no vendor, no reading"


def test_denials_come_last_so_that_they_win_ties():
    told = read_tc(tc({7}, purposes={3}, consent={7}))
    kinds = [kind for kind, _ in said(Heard(True, read_adpc("object=*, consent=news"), told))]
    assert kinds.index("terms.signal") > max(
        place for place, kind in enumerate(kinds) if kind == "terms.granted"
    )


def test_the_same_signal_at_the_same_time_is_the_same_event():
    heard = Heard(gpc=True)
    assert [e.id for e in events_of(heard, ANA, MEANING)] == [
        e.id for e in events_of(heard, ANA, MEANING)
    ]
