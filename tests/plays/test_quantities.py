"""Numbers as people read them, in two languages; the doctests say the rest."""

from math import inf

import pytest

from equipoise.plays.quantities import Region, money, number, percent, region_said, said


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (3, "3", "3"),
        (0.00412, "0.00412", "0,00412"),
        (1e-7, "0.0000001", "0,0000001"),
        (-12.345, "−12.35", "−12,35"),
        (180.0, "180", "180"),
    ],
)
def test_a_number_has_only_figures_that_say_something(value, en, fr):
    assert (number(value, "en"), number(value, "fr")) == (en, fr)


def test_money_keeps_its_sign_before_it_in_both_languages():
    assert money(-0.5, "EUR", "en") == "−EUR 0.5"
    assert money(0.5, "CHF", "fr", signed=True) == "+0,5 CHF"
    assert money(0.0, "EUR", "en", signed=True) == "EUR 0"


def test_a_small_share_is_not_told_as_none():
    assert percent(1e-8, "en") == "0.000001 %"
    assert percent(1.0, "fr") == "100 %"


@pytest.mark.parametrize(
    ("value", "unit", "en", "fr"),
    [
        (1, "times", "once", "1 fois"),
        (3.0, "times", "3 times", "3 fois"),
        (0.4, "days", "today", "aujourd’hui"),
        (1.9, "days", "1 day ago", "il y a 1 jour"),
        (20, "days", "20 days ago", "il y a 20 jours"),
        (12.5, "money", "EUR 12.5", "12,5 EUR"),
        (True, "flag", "yes", "oui"),
        ("gold", "amount", "gold", "gold"),
        (2.25, "amount", "2.25", "2,25"),
    ],
)
def test_a_value_is_told_with_its_unit(value, unit, en, fr):
    assert (said(value, unit, "EUR", "en"), said(value, unit, "EUR", "fr-CA")) == (en, fr)


@pytest.mark.parametrize(
    ("region", "unit", "en", "fr"),
    [
        (Region(high=1), "times", "no", "0"),
        (Region(high=3), "times", "fewer than 3", "moins de 3"),
        (Region(1.5, 4), "times", "2 to 3", "2 à 3"),
        (Region(2, 3), "count", "2", "2"),
        (Region(low=3), "times", "3 or more", "au moins 3"),
        (Region(high=20), "days", "under 20", "moins de 20"),
        (Region(19.75, 40), "days", "19.75 to 40", "19,75 à 40"),
        (Region(low=50), "money", "EUR 50 or more", "au moins 50 EUR"),
        (Region(50, 100), "money", "EUR 50 to 100", "50 à 100 EUR"),
    ],
)
def test_a_region_is_told_by_its_edges(region, unit, en, fr):
    assert region_said(region, unit, "EUR", "en")[0] == en
    assert region_said(region, unit, "EUR", "fr")[0] == fr


def test_a_region_without_bounds_is_every_number():
    assert (Region().low, Region().high) == (-inf, inf)
