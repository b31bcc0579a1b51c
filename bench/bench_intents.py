"""What intents cost where it matters: all guards about the options of one moment, and the order after them.

Each figure is the least of many short rounds of processor time in one run, so that the ratios hold on a
shared machine. Aim: where nobody looks for anything, a twentieth of the guards at most.
"""

from collections.abc import Callable
from time import thread_time_ns

from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders, Question, judge, judge_all
from equipoise.decide.guards import find_guards
from equipoise.nouns.decisions import Moment
from equipoise.nouns.events import Handle
from equipoise.nouns.intents import Intent
from equipoise.nouns.plays import SILENCE, Option, Play, Trigger
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.ports import Asked
from equipoise.remember.view import View

TIMES, ROUNDS = 200, 150
NOW_MS = 1_790_000_000_000
RULES = Rules(bases={"marketing": "interest"})


def play(serves: str) -> Play:
    """A play of five options; three of them serve the category, if one is given."""
    options = tuple(
        Option(name=f"o{n}", cost=0.01, serves=serves if n < 3 else "", has=("lights", "basket"))
        for n in range(5)
    )
    moment = Trigger(event="Order Completed")
    return Play(name="p", purpose="marketing", moment=moment, options=(*options, SILENCE))


def asking(intents: int, serves: str) -> tuple[Asked, tuple[Question, ...]]:
    """A moment of somebody with so many intents, the first of them for a bike."""
    said = [
        Intent(
            id=f"i{n}",
            at_ms=1,
            seq=n,
            until_ms=2 * NOW_MS,
            category="bike" if n == 1 else f"c{n}",
            must=("lights",),
            nice=("basket",),
        )
        for n in range(1, intents + 1)
    ]
    atom = AtomState(id=16, known=True, handles=[Handle("email", "a@example.org")], intents=said)
    moment = Moment(
        id="m", kind="Order Completed", event="e", channel="", at_ms=NOW_MS, opened_ms=NOW_MS
    )
    asked = Asked(
        play=play(serves),
        moment=moment,
        standing=View(PersonState([atom]), NOW_MS, RULES),
        now_ms=NOW_MS,
        rules=RULES,
        seed=b"s",
        spent={},
    )
    return asked, Deciders.of(find_guards(), dict(find_choosers())).questions


def alone() -> Callable[[], object]:
    """The guards about every option, and nothing after them."""
    asked, questions = asking(0, "")

    def ask() -> object:
        memory: dict = {}
        return [(one, judge(asked, one, questions, memory)) for one in asked.play.options]

    return ask


def ordered(intents: int, serves: str) -> Callable[[], object]:
    """The guards about every option, and then what was asked for goes first."""
    asked, questions = asking(intents, serves)
    return lambda: judge_all(asked, questions)


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    cases = {
        "guards alone": alone(),
        "no option serves anything": ordered(0, ""),
        "options serve, no intents": ordered(0, "bike"),
        "options serve, one intent": ordered(1, "bike"),
        "options serve, 16 intents": ordered(16, "bike"),
    }
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(ROUNDS):
        for name, case in cases.items():
            began = thread_time_ns()
            for _ in range(TIMES):
                case()
            best[name] = min(best[name], (thread_time_ns() - began) / TIMES / 1_000)
    base = best["guards alone"]
    return [(f"{name}, us", f"{took:.2f}", "") for name, took in best.items()] + [
        (f"{name} : guards alone", f"{took / base:.3f}", "")
        for name, took in best.items()
        if name != "guards alone"
    ]


if __name__ == "__main__":
    for row in main():
        print(*row, sep="\t")
