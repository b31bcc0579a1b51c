"""How long does the terms gate take for one option? Aim: under 3 microseconds of processor time.

Machines are shared: each case is the least of many short rounds, and stands beside an empty loop of
1,000 turns in the same rounds, so that two machines, or two days, can be compared.
"""

from collections.abc import Callable
from time import thread_time_ns

from equipoise.decide.gate import gate
from equipoise.nouns.agreements import Agreed, Signal
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, Last, PersonState, Profile, Stance, Terms
from equipoise.remember.view import View

TIMES, ROUNDS = 1_000, 200
NOW_MS = 1_790_000_000_000
RULES = Rules(bases={"analytics": "interest", "service": "contract"})
YES = Stance(granted=True, at_ms=1, seq=16, event="e1")
NO = Stance(granted=False, at_ms=2, seq=17, event="e2")


def atom(id_: int = 16, *, age: int | None = None, **terms: object) -> AtomState:
    """One group of handles of somebody known, with these terms."""
    last = {} if age is None else {"age": Last(age, 1, "e1", "stated")}
    profile = Profile(last=last)
    return AtomState(id=id_, known=True, profile=profile, terms=Terms(**terms))  # type: ignore[arg-type]


def person(*atoms: AtomState) -> View:
    """Somebody of these atoms."""
    return View(PersonState(list(atoms)), NOW_MS, RULES)


CONSENT = {"marketing|*": YES}
PLAIN = Agreed("SD-BASE-ATP", 1, 16)
SIGNAL = {"gpc": Signal(96, 1, 16)}

CASES = {
    "nothing said": (person(atom()), "consent_missing"),
    "consent": (person(atom(stances=CONSENT)), ""),
    "consent, agreement, signal": (
        person(atom(stances=CONSENT, agreed={"SD": PLAIN}, signals=SIGNAL)),
        "",
    ),
    "beyond the agreement": (
        person(atom(stances=CONSENT, agreed={"SD": Agreed("SD-BASE", 1, 16)})),
        "beyond_agreement",
    ),
    "objection": (person(atom(stances={"marketing|email": NO})), "withdrawn"),
    "a minor": (person(atom(age=15, stances=CONSENT)), "prohibited_minor"),
    "an adult, all of it": (
        person(atom(age=40, stances=CONSENT, agreed={"SD": PLAIN}, signals=SIGNAL)),
        "",
    ),
    "an agreement that ends": (
        person(
            atom(stances=CONSENT, agreed={"SD": Agreed("SD-BASE-ATP", 1, 16, until_ms=NOW_MS * 2)})
        ),
        "",
    ),
    "two atoms, all of it": (
        person(atom(stances=CONSENT, agreed={"SD": PLAIN}), atom(18, signals=SIGNAL)),
        "",
    ),
}
"""Who is asked about, and what the gate says."""


def bare() -> None:
    """The loop that everything is compared with."""
    for _ in range(1000):
        pass


def took_us(work: Callable[[], object], times: int) -> float:
    """Microseconds of processor time for one call, of so many."""
    start = thread_time_ns()
    for _ in range(times):
        work()
    return (thread_time_ns() - start) / times / 1000


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target), for each case and for the two integer operations alone."""
    works: dict[str, Callable[[], object]] = {"an empty loop of 1,000 turns": bare}
    for name, (view, said) in CASES.items():
        if gate(view, RULES, "marketing", "email") != said:
            raise SystemExit(f"{name}: the gate does not say {said!r}")
        works[name] = lambda view=view: gate(view, RULES, "marketing", "email")
    cap, barred, need = 15, 96, 8
    works["the two masks alone"] = lambda: need & barred or need & ~cap
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            best[name] = min(best[name], took_us(work, TIMES if work is not bare else 20))
    loop = best.pop("an empty loop of 1,000 turns")
    return [("an empty loop of 1,000 turns, us", f"{loop:.2f}", "-")] + [
        (f"{name}, us (share of the loop)", f"{us:.2f} ({us / loop:.3f})", "3")
        for name, us in best.items()
    ]


if __name__ == "__main__":
    for row in main():
        print(f"{row[0]:52} {row[1]:>18} {row[2]:>4}")
