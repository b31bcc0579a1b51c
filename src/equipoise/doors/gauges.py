"""What the house counts, for Prometheus: totals of the store, the backlog, the size of the ledger."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from equipoise.ports import Store


class Backlogged(Protocol):
    """A desk that knows how far behind the step is."""

    @property
    def backlog(self) -> int:
        """Durable rows that were not walked yet."""
        ...


def restarts_of(desk: Backlogged) -> int:
    """How often the step process ended by itself; a desk without one never restarts."""
    return int(getattr(desk, "restarts", 0))


class Gauges:
    """A collector that reads the store when it is scraped; no label names a person or an event."""

    def __init__(self, store: Store, desk: Backlogged) -> None:
        self._store = store
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """The figures as of the last commit."""
        totals = CounterMetricFamily(
            "equipoise_walked", "Records walked, by what came of them.", labels=["what"]
        )
        silences = CounterMetricFamily(
            "equipoise_silences", "Moments that ended in silence, by reason.", labels=["reason"]
        )
        for name, n in sorted(self._store.counts().items()):
            what, colon, reason = name.partition(":")
            if what == "silence" and colon:
                silences.add_metric([reason], n)
            else:
                totals.add_metric([name], n)
        yield totals
        yield silences
        backlog = "Intake rows that are durable and not walked yet."
        yield GaugeMetricFamily("equipoise_backlog_rows", backlog, value=self._desk.backlog)
        restarted = "Times that the step process ended by itself and was started again."
        yield CounterMetricFamily(
            "equipoise_step_restarts", restarted, value=restarts_of(self._desk)
        )
        leaves = self._store.position().leaves
        yield GaugeMetricFamily("equipoise_ledger_leaves", "Leaves of the ledger.", value=leaves)
