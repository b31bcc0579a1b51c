"""The simulated town: everything that it says between two instants, and how it takes what it gets.

What people do by themselves is a pure function of the seed and the time; only what they received is
kept, because it changes what they put up with. Nobody in it is real.
"""

from bisect import bisect_left
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from equipoise.nouns.decisions import Action
from equipoise.nouns.records import HumanAnswer
from equipoise.nouns.rights import AnswerRight, Outcome, Request, RequestKind
from equipoise.testing.town.calls import SITE, WEBSHOP, Call, Script
from equipoise.testing.town.chance import Chance, Draws
from equipoise.testing.town.counter import at_the_desk, in_the_shop
from equipoise.testing.town.goods import look_at
from equipoise.testing.town.letters import Letter, react
from equipoise.testing.town.past import brought_back, past_of
from equipoise.testing.town.people import NEVER_MS, Resident, settle
from equipoise.testing.town.streets import (
    CLOSES_MINUTE,
    DAY_MS,
    HOUR_MS,
    OPENS_MINUTE,
    WEEKDAY_HOURS,
    WEEKEND_HOURS,
    day_of,
    days_between,
    is_weekend,
    local_ms,
    shop_is_open,
)
from equipoise.testing.town.visits import Visit, online
from equipoise.testing.town.wishes import Wish, allows, spoken, wishes_of

ECHO_DAYS = 8
"""How many days later a visit can still lead to something: a parcel, a return."""

PATIENCE_MS = 3 * HOUR_MS
"""How long a decision waits on the desk of the shop's staff before they look at it."""


class Town:
    """A town of `people` as of `start_ms`, drawn from `seed`: the same seed gives the same life."""

    def __init__(self, seed: str, people: int = 300, *, start_ms: int) -> None:
        self.chance = Chance(seed.encode()[:64] or b"town")
        self.start_ms = start_ms
        self.residents = settle(self.chance, people, start_ms)
        self.wishes: list[list[Wish]] = [
            wishes_of(self.chance, who, start_ms) for who in self.residents
        ]
        self.letters: list[Letter] = []
        self.stops: dict[int, list[int]] = {}
        self._received: dict[int, list[int]] = {}
        self._made: dict[int, list[Call]] = {}
        self._days: dict[int, list[Call]] = {}
        self._by_address = {who.typed.lower(): who for who in reversed(self.residents)}
        self._by_id = {who.user_id: who for who in self.residents}

    # --- what happens by itself ---------------------------------------------------------------

    def history(self) -> list[Call]:
        """What the shop knew before the town's start, to be imported as history; oldest first."""
        calls = [c for who in self.residents for c in past_of(self.chance, who, self.start_ms)]
        return sorted(calls, key=lambda call: call.at_ms)

    def calls(self, from_ms: int, to_ms: int) -> list[Call]:
        """Everything said in [from, to), in order; cut it as you like, it stays the same."""
        found: list[Call] = []
        from_ms = max(from_ms, self.start_ms)
        for day in days_between(from_ms, to_ms):
            calls = self._day(day)
            first = bisect_left(calls, from_ms, key=_at)
            found += calls[first : bisect_left(calls, to_ms, lo=first, key=_at)]
        return found

    def _day(self, day: int) -> list[Call]:
        """All calls of one local day: those of its visits, and what echoes of earlier ones."""
        known = self._days.get(day)
        if known is None:
            first = max(day_of(self.start_ms), day - ECHO_DAYS)
            made = [call for each in range(first, day + 1) for call in self._visits_of(each)]
            known = [call for call in made if day_of(call.at_ms) == day]
            known.sort(key=lambda call: call.at_ms)
            self._days = {d: c for d, c in self._days.items() if d >= day - 2} | {day: known}
        return known

    def _visits_of(self, day: int) -> list[Call]:
        made = self._made.get(day)
        if made is None:
            made = [call for who in self.residents for call in self._life(who, day)]
            self._made = {d: c for d, c in self._made.items() if d >= day - ECHO_DAYS - 2}
            self._made[day] = made
        return made

    def _life(self, who: Resident, day: int) -> list[Call]:
        """What one person does on one day, and what follows from it."""
        calls: list[Call] = []
        for visit in self._plan(who, day):
            if visit.at_ms >= self.start_ms:
                calls += (in_the_shop if visit.place == "shop" else online)(self.chance, visit)
        for wish in self.wishes[who.number]:
            if wish.at_ms >= self.start_ms and day_of(wish.at_ms) == day:
                calls += spoken(self.chance, who, wish, self.start_ms)
        if day - day_of(self.start_ms) < ECHO_DAYS:
            back = brought_back(self.chance, who, self.start_ms)
            calls += [call for call in back if day_of(call.at_ms) == day]
        draws = self.chance.at("troubles", who.number, day)
        at_ms = local_ms(day, draws.between("minute", 600, 1080))
        if at_ms >= self.start_ms and who.is_known(at_ms) and draws.happens("calls", 0.012):
            calls += at_the_desk(self.chance, who, at_ms, draws.pick("about", _QUESTIONS))
        at_ms = local_ms(day, draws.between("asks at", 540, 1320))
        reached = at_ms >= self.start_ms and who.has_account(at_ms) and who.typed == who.address
        if reached and draws.happens("asks", 0.006):
            script = Script(f"r{who.number}.{day}", who.number)
            script.request(at_ms, draws.pick("asks for", _REQUESTS), who.address)
            calls += script.calls
        # A phone that loses its net sends again what had arrived already.
        again = [call for call in calls if call.source.name == "app" and call.path == "/v1/batch"]
        if again and draws.happens("no net", 0.1):
            calls += [Call(c.source, c.at_ms + 90_000, c.body, c.path, c.who) for c in again[:3]]
        return calls

    def _plan(self, who: Resident, day: int) -> list[Visit]:
        """The visits of one person on one day, in no order."""
        draws = self.chance.at("day", who.number, day)
        key = f"{who.number}.{day}"
        visits: list[Visit] = []
        joined_ms = who.joined_ms
        if joined_ms != NEVER_MS and day_of(joined_ms) == day:
            place = "shop" if who.joins == "till" else "site"
            visits.append(
                Visit(who=who, at_ms=joined_ms, key=f"{key}.j", place=place, comes_for="joining")
            )
        rates = {"site": who.site_per_day, "app": who.app_per_day, "shop": who.shop_per_day}
        for place, rate in rates.items():
            for n in range(draws.count(place, rate * (1.3 if is_weekend(day) else 1.0))):
                at_ms = _when(draws, f"{place}{n}", place, day)
                if place == "shop" and not shop_is_open(at_ms):
                    continue
                if place == "app" and not who.has_account(at_ms):
                    continue
                visits.append(Visit(who=who, at_ms=at_ms, key=f"{key}.{place}{n}", place=place))
        return visits

    # --- what comes back ------------------------------------------------------------------------

    def receive(self, action: Action, now_ms: int) -> list[Call]:
        """A mail reaches somebody: what they do about it, now or in the next hours."""
        to = next((handle.value for handle in action.handles if handle.kind == "email"), "")
        who = self.whose(action)
        if who is None:
            return []
        self.letters.append(Letter(who.number, now_ms, action.play, to, action.option.name))
        received = self._received.setdefault(who.number, [])
        lately = sum(at_ms > now_ms - 28 * DAY_MS for at_ms in received)
        received.append(now_ms)
        reaction = react(self.chance, who, action, now_ms, lately)
        if reaction.stop_ms is not None:
            self.stops.setdefault(who.number, []).append(reaction.stop_ms)
        return reaction.calls

    def whose(self, action: Action) -> Resident | None:
        """Whom an action is for, by the address that it is sent to, else by the account."""
        for kind, people in (("email", self._by_address), ("user_id", self._by_id)):
            for handle in action.handles:
                if handle.kind == kind and handle.value in people:
                    return people[handle.value]
        return None

    def sees(self, asked: Call, answer: Mapping[str, Any]) -> list[Call]:
        """A page shows what was decided for it: sometimes it makes somebody look at something."""
        if not answer.get("content"):
            return []
        who = self.residents[asked.who]
        draws = self.chance.at("sees", who.number, asked.at_ms)
        if not draws.happens("looks", 0.25 if answer.get("option") == "again" else 0.18):
            return []
        script = Script(f"s{who.number}.{asked.at_ms}", who.number)
        ids = {key: value for key, value in asked.body.items() if key in ("userId", "anonymousId")}
        source = WEBSHOP if "userId" in ids else SITE
        product = look_at(draws, "product", who.liking)
        script.say(source, asked.at_ms + 25_000, "Product Viewed", ids, product.facts())
        return script.calls

    def judges(self, action: Action, now_ms: int) -> HumanAnswer | None:
        """What the shop's staff say of an action that waits for a human; None while they are not at it."""
        if now_ms - action.at_ms < PATIENCE_MS or not shop_is_open(now_ms):
            return None
        draws = self.chance.at("judges", action.key)
        if draws.happens("approves", 0.6):
            return HumanAnswer(action=action.id, answer="approve", by="Nawel")
        note = "talked to them in the shop instead"
        return HumanAnswer(action=action.id, answer="decline", by="Nawel", note=note)

    def answers(self, request: Request, now_ms: int) -> AnswerRight | None:
        """What the shop's officer says of a request; None while they are not at it."""
        draws = self.chance.at("answers", request.seq)
        patience_ms = int(draws.between("patience", 3, 60) * HOUR_MS)
        if now_ms - request.asked_ms < patience_ms or not shop_is_open(now_ms):
            return None
        outcome: Outcome = ""
        if request.kind == "contest":
            outcome = "changed" if draws.happens("changes", 0.5) else "upheld"
        return AnswerRight(request=request.seq, verb="fulfil", by="Maëlle", outcome=outcome)

    # --- the truth ------------------------------------------------------------------------------

    def allows_marketing(self, who: int, at_ms: int) -> bool:
        """Whether a resident, by number, allows marketing mail at a time: the town's own truth."""
        resident = self.residents[who]
        said = allows(self.wishes[who], self.stops.get(who, []), at_ms)
        return said and not resident.is_minor


_at = attrgetter("at_ms")
_REQUESTS: tuple[RequestKind, ...] = ("access", "access", "portability")
_QUESTIONS = ("delivery", "invoice", "a broken plate", "opening hours", "complaint")


def _when(draws: Draws, what: str, place: str, day: int) -> int:
    if place == "shop":
        return local_ms(day, draws.between(f"{what}/minute", OPENS_MINUTE, CLOSES_MINUTE))
    hours: Mapping[int, int] = WEEKEND_HOURS if is_weekend(day) else WEEKDAY_HOURS
    hour = draws.weighted(f"{what}/hour", hours)
    minute_ms = draws.between(f"{what}/minute", 0, 3_600_000)
    return local_ms(day, hour * 60 + (1440 if hour < 5 else 0)) + int(minute_ms)
