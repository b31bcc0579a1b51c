"""One person as their page shows them: who they are, what they allow, what was asked of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from equipoise.nouns.changes import LogRow, ReceiptRow
from equipoise.nouns.events import Handle, Value
from equipoise.nouns.people import CannotLink, Join
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import Held, Last, PersonState, Stance, Tally
from equipoise.ports import Standing, Store
from equipoise.show.chains import heads_of, read_onward, walk
from equipoise.show.stories import Teller
from equipoise.show.story import Story

DAY_MS = 86_400_000
TIMELINE = 40
"""How many records and receipts one page of the timeline has."""

MEASURES = (
    "orders.count",
    "orders.total",
    "orders.days_since",
    "visits.count",
    "sessions.last_28d",
    "active_days.last_28d",
    "products.distinct",
    "categories.distinct",
    "channels.distinct",
    "activity.decayed_7d",
    "spend.decayed_90d",
    "first_seen.days_since",
)
"""Profile fields that are worth a glance, of those in `docs/profile.md`."""


class Group(msgspec.Struct, frozen=True):
    """One atom with its handles, and the joins by which it came to the person."""

    id: int
    handles: tuple[Handle, ...]
    known: bool
    joins: tuple[Join, ...]


class Used(msgspec.Struct, frozen=True):
    """Contacts within a window against what the window may hold, and whose limit it is."""

    window: str
    used: int
    most: int

    @property
    def share(self) -> float:
        """How full the window is, at most 1."""
        return min(1.0, self.used / self.most) if self.most else 1.0


class Term(msgspec.Struct, frozen=True):
    """What counts for one purpose on one channel; no stance is what the house's basis says."""

    purpose: str
    channel: str
    basis: str
    stance: Stance | None


class Trait(msgspec.Struct, frozen=True):
    """One profile field with where it comes from; `at_ms` is 0 where it is a fold of many events."""

    name: str
    value: Value
    provenance: str
    at_ms: int = 0


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on a person's page but the timeline."""

    groups: list[Group]
    apart: list[CannotLink]
    budget: list[Used]
    quiet: tuple[int, int] | None
    terms: list[Term]
    held: list[Held]
    traits: list[Trait]
    kinds: list[tuple[str, Tally]]
    timezone: str
    locale: str


def portrait(
    store: Store, state: PersonState, standing: Standing, rules: Rules, now_ms: int
) -> Portrait:
    """Read a person, each part merged over their atoms."""
    ids = [atom.id for atom in state.atoms]
    return Portrait(
        groups=_groups(store, state),
        apart=store.cannot_links(ids),
        budget=budget_of(standing, rules, now_ms),
        quiet=standing.quiet,
        terms=_terms(state, standing, rules),
        held=[held for atom in state.atoms for held in atom.held],
        traits=_traits(state, standing),
        kinds=_kinds(state),
        timezone=standing.timezone,
        locale=standing.locale,
    )


def _groups(store: Store, state: PersonState) -> list[Group]:
    joins = store.joins(atom.id for atom in state.atoms)
    return [
        Group(
            atom.id,
            tuple(atom.handles),
            atom.known,
            tuple(join for join in joins if atom.id == join.right),
        )
        for atom in state.atoms
    ]


def budget_of(standing: Standing, rules: Rules, now_ms: int) -> list[Used]:
    """Contacts today (the person's own day), in 7 and 28 days, and against their own number a week."""
    zone = ZoneInfo(standing.timezone)
    local = datetime.fromtimestamp(now_ms / 1000, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    today_ms = int(midnight.timestamp() * 1000)
    times = standing.contact_times_ms(now_ms - 28 * DAY_MS)
    week = sum(at_ms > now_ms - 7 * DAY_MS for at_ms in times)
    windows = [
        Used("day", sum(at_ms >= today_ms for at_ms in times), rules.per_day),
        Used("week", week, rules.per_7d),
        Used("month", len(times), rules.per_28d),
    ]
    if standing.per_week is not None:
        windows.append(Used("own", week, standing.per_week))
    return windows


def _terms(state: PersonState, standing: Standing, rules: Rules) -> list[Term]:
    asked = {
        tuple(key.removesuffix("|public").split("|")[:2])
        for atom in state.atoms
        for key in atom.terms.stances
    }
    pairs = {(pair[0], pair[1] if len(pair) > 1 else "*") for pair in asked}
    said = {purpose for purpose, _ in pairs}
    pairs |= {(purpose, "*") for purpose in rules.bases if purpose not in said}
    return [
        Term(purpose, channel, rules.basis(purpose), standing.stance(purpose, channel))
        for purpose, channel in sorted(pairs)
    ]


def _traits(state: PersonState, standing: Standing) -> list[Trait]:
    newest: dict[str, Last] = {}
    for atom in state.atoms:
        for name, last in atom.profile.last.items():
            known = newest.get(name)
            if known is None or (last.at_ms, last.id) > (known.at_ms, known.id):
                newest[name] = last
    traits = [
        Trait(name.lstrip("@"), last.value, last.provenance, last.at_ms)
        for name, last in sorted(newest.items())
    ]
    folded = [(name, standing.get(name)) for name in MEASURES]
    return traits + [Trait(name, value, "observed") for name, value in folded if value is not None]


def _kinds(state: PersonState) -> list[tuple[str, Tally]]:
    """How often each kind of event happened, the most frequent first."""
    sums: dict[str, Tally] = {}
    for atom in state.atoms:
        for kind, tally in atom.profile.tallies.items():
            if not kind.startswith("@"):
                before = sums.get(kind, Tally())
                sums[kind] = Tally(
                    before.n + tally.n,
                    before.total + tally.total,
                    last_ms=max(before.last_ms, tally.last_ms),
                )
    return sorted(sums.items(), key=lambda pair: (-pair[1].n, pair[0]))


class Timeline(msgspec.Struct, frozen=True):
    """A stretch of what happened, newest first, and where older things go on."""

    stories: list[Story]
    onward: str


def timeline(store: Store, state: PersonState, teller: Teller, at: str = "") -> Timeline:
    """Records, receipts and joins of a person interleaved; `at` is where an earlier page ended."""
    atoms = frozenset(atom.id for atom in state.atoms)
    heads = read_onward(at) if at else heads_of(state)
    found = walk(store, heads, atoms, TIMELINE)
    times = teller.times(row for row in found.rows if isinstance(row, ReceiptRow))
    stories = [
        teller.record(row, times.get(row.seq, 0))
        if isinstance(row, LogRow)
        else teller.receipt(row)
        for row in found.rows
    ]
    # A change of terms has a receipt, which says more than the event that brought it.
    stories = [s for s in stories if s.raw or not s.sentence.startswith("terms.")]
    newest = max(heads, key=lambda head: head[1], default=("", 0))[1] if at else 2**63
    oldest = min((story.seq for story in stories), default=0) if found.onward else 0
    stories += [teller.join(join) for join in store.joins(atoms) if oldest <= join.seq < newest]
    return Timeline(sorted(stories, key=lambda story: -story.seq), found.onward)


def local_minutes(minutes: int) -> str:
    """Minutes of the day as a clock shows them.

    >>> local_minutes(21 * 60 + 5)
    '21:05'
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"
