"""Who may ask for figures about many people, and what was spent and released, in plain dictionaries."""

from equipoise.nouns.aggregates import AggregateGrant, Release
from equipoise.nouns.changes import Changes


class AggregatesInMemory:
    """The part of a store in memory that keeps what left as aggregates."""

    def __init__(self) -> None:
        self._aggregate_grants: dict[str, AggregateGrant] = {}
        self._releases: dict[int, Release] = {}

    def aggregate_grants(self) -> list[AggregateGrant]:
        """The newest grant of every recipient, ended or not, in order of their names."""
        return [self._aggregate_grants[name] for name in sorted(self._aggregate_grants)]

    def releases(self, year: int | None = None) -> list[Release]:
        """Every question whose budget was spent, or those of one calendar year, oldest first."""
        found = [self._releases[seq] for seq in sorted(self._releases)]
        return [one for one in found if year is None or one.year == year]

    def release_of(self, key: str) -> Release | None:
        """What was spent on this question, and its answer if there is one."""
        return next((one for one in self._releases.values() if one.key == key), None)

    def _keep_aggregates(self, changes: Changes) -> None:
        self._aggregate_grants |= {one.recipient: one for one in changes.aggregate_grants}
        self._releases |= {one.seq: one for one in changes.releases}
