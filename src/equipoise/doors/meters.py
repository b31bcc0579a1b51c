"""What the door counts, for Prometheus: no label ever names a person, a key or an event."""

from prometheus_client import CollectorRegistry, Counter, Histogram

ACKNOWLEDGED_S = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Buckets of the time to the answer, in seconds."""


class Meters:
    """The door's own figures in a registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.events = Counter(
            "equipoise_door_events", "Items that came in, refused ones included.", registry=registry
        )
        self.rejected = Counter(
            "equipoise_door_rejected", "Items that will be refused.", ["code"], registry=registry
        )
        self.bytes = Counter(
            "equipoise_door_bytes", "Decompressed bytes that came in.", registry=registry
        )
        self.retries = Counter(
            "equipoise_door_retries", "Requests that a client sent again.", registry=registry
        )
        self.took = Histogram(
            "equipoise_door_seconds",
            "From the start of a request to its answer, waiting for its body included.",
            buckets=ACKNOWLEDGED_S,
            registry=registry,
        )
        self._requests = Counter(
            "equipoise_door_requests", "Answers given.", ["does", "status"], registry=registry
        )
        self._bound: dict[tuple[str, int], Counter] = {}

    def answered(self, does: str, status: int) -> None:
        """Count one answer."""
        bound = self._bound.get((does, status))
        if bound is None:
            bound = self._bound[does, status] = self._requests.labels(does, str(status))
        bound.inc()
