"""How long does the terms gate take for one option? Aim: under 3 microseconds."""

from collections.abc import Callable
from statistics import median
from time import thread_time

from equipoise.decide.gate import gate
from equipoise.nouns.agreements import Agreed, Signal
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState, Stance, Terms
from equipoise.remember.view import View

TIMES, ROUNDS = 20_000, 9
NOW_MS = 1_790_000_000_000
RULES = Rules(bases={"analytics": "interest"})
YES = Stance(granted=True, at_ms=1, seq=16, event="e1")


def person(**terms: object) -> View:
    """Somebody known, with these terms."""
    atom = AtomState(id=16, known=True, terms=Terms(**terms))  # type: ignore[arg-type]
    return View(PersonState([atom]), NOW_MS, RULES)


CASES = {
    "nothing said": (person(), "consent_missing"),
    "consent": (person(stances={"marketing|*": YES}), ""),
    "consent, agreement, signal": (
        person(
            stances={"marketing|*": YES},
            agreed={"SD": Agreed("SD-BASE-ATP", 1, 16)},
            signals={"gpc": Signal(96, 1, 16)},
        ),
        "",
    ),
    "beyond the agreement": (
        person(stances={"marketing|*": YES}, agreed={"SD": Agreed("SD-BASE", 1, 16)}),
        "beyond_agreement",
    ),
}
"""Who is asked about, and what the gate says."""


def timed(work: Callable[[], object]) -> float:
    """Median of the rounds, in microseconds of processor time for one call."""
    rounds = []
    for _ in range(ROUNDS):
        start = thread_time()
        for _ in range(TIMES):
            work()
        rounds.append((thread_time() - start) / TIMES * 1e6)
    return median(rounds)


def main() -> None:
    """Print the time of each case, and of the two integer operations alone."""
    for name, (view, said) in CASES.items():
        if gate(view, RULES, "marketing", "email") != said:
            raise SystemExit(f"{name}: the gate does not say {said!r}")
        print(
            f"{name:28} {timed(lambda view=view: gate(view, RULES, 'marketing', 'email')):6.2f} us"
        )
    cap, barred, need = 15, 96, 8
    print(f"{'the two masks alone':28} {timed(lambda: need & barred or need & ~cap):6.2f} us")


if __name__ == "__main__":
    main()
