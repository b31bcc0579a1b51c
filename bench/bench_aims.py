"""What aims cost where it matters: the guard among all guards, and counting beside folding an order.

Each figure is the least of many short rounds of processor time in one run, so that the ratios hold on a
shared machine. Aim: people who set no aims pay under a twentieth.
"""

from collections.abc import Callable
from time import thread_time_ns

from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders, judge
from equipoise.decide.guards import find_guards
from equipoise.nouns.aims import Aim
from equipoise.nouns.decisions import Moment
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.plays import SILENCE, Option, Play, Trigger
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.ports import Asked
from equipoise.remember.aims import count_towards
from equipoise.remember.folding import Folds
from equipoise.remember.view import View

TIMES, ROUNDS = 200, 150
NOW_MS = 1_790_000_000_000
RULES = Rules(bases={"marketing": "interest"})
PLAY = Play(
    name="p",
    purpose="marketing",
    moment=Trigger(event="Order Completed"),
    options=(*(Option(name=f"o{n}", cost=0.01) for n in range(5)), SILENCE),
)
ORDER = Event(
    id="e1",
    kind="Order Completed",
    channel="shop",
    source="shop",
    at_ms=NOW_MS,
    received_ms=NOW_MS,
    handles=(),
    facts={"revenue": 0.001, "products": [{"product_id": "p1", "category": "shoes", "price": 1}]},
)
KINDS = (("spend_at_most", ""), ("contacts_at_most", ""), ("use_less", "Order Completed"))
FOLDS = Folds()


def person(aims: int) -> PersonState:
    """Somebody with an address and so many aims, none of them reached."""
    wanted = [
        Aim(
            id=kind,
            kind=kind,  # type: ignore[arg-type]
            at_ms=1,
            seq=n,
            until_ms=2 * NOW_MS,
            zone="Europe/Paris",
            most=10**15,
            what=what,
        )
        for n, (kind, what) in enumerate(KINDS[:aims], 1)
    ]
    handles = [Handle("email", "ana@example.org")]
    return PersonState([AtomState(id=16, known=True, handles=handles, aims=wanted)])


def asking(guards: dict, state: PersonState) -> Callable[[], object]:
    """All guards about five options of one moment."""
    questions = Deciders.of(list(guards.items()), dict(find_choosers())).questions
    moment = Moment(
        id="m", kind="Order Completed", event="e", channel="", at_ms=NOW_MS, opened_ms=NOW_MS
    )
    view = View(state, NOW_MS, RULES)
    asked = Asked(
        play=PLAY,
        moment=moment,
        standing=view,
        now_ms=NOW_MS,
        rules=RULES,
        seed=b"s",
        spent={},
    )

    def ask() -> None:
        memory: dict = {}
        for option in PLAY.options:
            judge(asked, option, questions, memory)

    return ask


def folding(state: PersonState, *, counted: bool) -> Callable[[], object]:
    """One order into a profile, with or without being counted towards aims first."""
    atom = state.atoms[0]

    def fold() -> None:
        if counted:
            count_towards(state, atom, ORDER)
        FOLDS.fold(atom, ORDER, state)

    return fold


def least(cases: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Microseconds of each case, the least of rounds that take turns."""
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(ROUNDS):
        for name, case in cases.items():
            began = thread_time_ns()
            for _ in range(TIMES):
                case()
            best[name] = min(best[name], (thread_time_ns() - began) / TIMES / 1_000)
    return best


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    guards = dict(find_guards())
    others = {name: guard for name, guard in guards.items() if name != "aims"}
    took = least(
        {
            "guards without this one": asking(others, person(0)),
            "guards, no aims": asking(guards, person(0)),
            "guards, three aims": asking(guards, person(3)),
            "fold alone": folding(person(0), counted=False),
            "fold, no aims": folding(person(0), counted=True),
            "fold, three aims": folding(person(3), counted=True),
        }
    )
    rows = [(name, f"{took[name]:.2f} us", "") for name in took]
    for name, base, target in (
        ("guards, no aims", "guards without this one", "1.05"),
        ("guards, three aims", "guards without this one", ""),
        ("fold, no aims", "fold alone", "1.05"),
        ("fold, three aims", "fold alone", ""),
    ):
        rows.append((f"{name} : {base}", f"{took[name] / took[base]:.3f}", target))
    return rows


if __name__ == "__main__":
    for row in main():
        print(*row, sep="\t")
