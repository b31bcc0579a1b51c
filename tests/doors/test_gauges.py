"""What a scrape reads: totals of the store, silences by reason, the backlog; never a name of anybody."""

from prometheus_client import CollectorRegistry, generate_latest

from equipoise.doors.gauges import Gauges
from house import THANKS, house, identify, track


class Desk:
    backlog = 7


def scraped(engine):
    registry = CollectorRegistry()
    registry.register(Gauges(engine.store, Desk()))
    return generate_latest(registry).decode()


def test_totals_silences_backlog_and_leaves_are_told_as_of_the_last_commit():
    engine = house()
    engine.add_play(THANKS)
    engine.take([identify("ana"), *(track("ana", "Order Completed", n) for n in range(3))])
    lines = scraped(engine).splitlines()
    assert 'equipoise_walked_total{what="events"} 4.0' in lines
    assert 'equipoise_silences_total{reason="consent_missing"} 3.0' in lines
    assert "equipoise_backlog_rows 7.0" in lines
    assert "equipoise_ledger_leaves 1.0" in lines


def test_a_new_house_has_figures_too():
    assert "equipoise_ledger_leaves 0.0" in scraped(house())


def test_no_label_names_a_person_or_an_event():
    engine = house()
    engine.take([identify("ana", email="ana@example.org"), track("ana", "Secret Wish", 1)])
    text = scraped(engine)
    assert "ana" not in text
    assert "Secret" not in text
