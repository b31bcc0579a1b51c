"""Does it learn? The learning chooser on Hillstrom's trial, by rejection replay of 20 paired shuffles.

64,000 customers come in a shuffled order; the chooser starts knowing nothing, and gets a new version of
its model after every 250 customers (the lessons of about 83 of them). Beside it the constants, chance, and
the contextual bandits of other libraries where they are installed, on the same shuffles and draws.
"""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import hillstrom
import numpy as np
from finding import Options, absent, find
from replaying import (
    Constant,
    Floats,
    Known,
    Places,
    Policy,
    Replayed,
    Trial,
    Uniform,
    paired,
    replay,
)
from rich.console import Console
from rich.progress import track
from rich.table import Table

from equipoise.decide.drawing import is_explored
from equipoise.decide.squarecb import gamma_after, squarecb_many
from equipoise.learn.binning import binning_of
from equipoise.learn.statistics import Statistics
from equipoise.learn.teaching import teach
from equipoise.learn.value import ValueModel
from equipoise.nouns.lessons import Lesson
from equipoise.nouns.plays import SILENCE, Goal, Option, Play, Trigger

BENCH = Path(__file__).parents[1] / "bench"
PEERS = ("vowpalwabbit", "mabwiser", "river")
OURS = "learning"
CONSTANT, CHANCE = "men's mail for all", "chance"
YARDSTICKS = (CONSTANT, CHANCE)
HEADINGS = (
    *("mean", "sd", "last third", "ours beyond it", "decisions/s", "lessons/s", "probabilities"),
)
ARMS = ("mens", "womens", "silence")
FEATURES = ("recency", "history", "mens", "womens", "zip_code", "newbie", "channel")
SHUFFLES = 20
BLOCK = 250
DAY_MS = 86_400_000
PLAY = Play(
    name="mailing",
    purpose="marketing",
    moment=Trigger(event="Mailing Day"),
    options=(Option(name="mens"), Option(name="womens"), SILENCE),
    goal=Goal(event="Site Visited", window_days=14, value=1.0, currency="visits"),
    features=FEATURES,
    chooser="learning",
)


def trial_of(customers: list[hillstrom.Customer], reward: str = "visit") -> Trial:
    """The trial as columns, numbers as numbers."""
    shown = np.array([ARMS.index(customer.shown) for customer in customers], dtype=np.intp)
    told = np.array([customer.rewards[reward] for customer in customers])
    return Trial(ARMS, [_known(customer.known) for customer in customers], shown, told)


def _known(row: dict[str, str]) -> Known:
    numbers: Known = {name: float(row[name]) for name in ("recency", "history")}
    flags: Known = {name: row[name] == "1" for name in ("mens", "womens", "newbie")}
    texts: Known = {name: row[name] for name in ("zip_code", "channel")}
    return numbers | flags | texts


class Learning:
    """Our chooser as it is in use: versions of the model through `teach`, decisions in between."""

    known = True

    def __init__(self, trial: Trial, play: Play = PLAY, block: int = BLOCK) -> None:
        self.trial = trial
        self.play = play
        self.block = block
        self.lessons: list[Lesson] = []
        self.model: ValueModel | None = None
        self.statistics: Statistics | None = None
        self.explored = np.array([is_explored(option) for option in play.options])
        self.fresh: list[Lesson] = []

    def propensities(self, rows: Places) -> Floats:
        """Those of the chooser `learning`, for many people at once."""
        if self.model is None:
            return np.full((len(rows), len(self.explored)), 1.0 / len(self.explored))
        model = self.model
        levels = model.binning.levels_of_all([self.trial.known[row] for row in rows])
        scores = model.appraise_many(self.play.options, levels).scores / model.scale
        return squarecb_many(
            scores, self.explored, gamma_after(model.lessons), self.play.explore_floor
        )

    def learn(self, rows: Places, taken: Places, chances: Floats, rewards: Floats) -> None:
        """A lesson of each, and the next version of the model."""
        fresh = []
        for row, place, chance, reward in zip(rows, taken, chances, rewards, strict=True):
            number = len(self.lessons) + len(fresh) + 1
            fresh.append(
                Lesson(
                    seq=number,
                    decision=number,
                    person=int(row) + 1,
                    atom=int(row) + 1,
                    play=self.play.name,
                    version="",
                    option=self.play.options[place].name,
                    arm="engine",
                    propensity=float(chance),
                    inputs=self.trial.known[row],
                    decided_ms=0,
                    matured_ms=14 * DAY_MS,
                    n=int(reward > 0.0),
                    value=float(reward),
                )
            )
        self.lessons += fresh
        self.fresh += fresh
        due = self.model is None or len(self.lessons) >= 2 * self.model.cut_at
        if due:
            taught = teach(self.play, self.lessons, self.model)
        else:
            taught = teach(self.play, self.fresh, self.model, self.statistics)
        if taught is not None:
            self.model, self.statistics = taught
            self.fresh = []


def main(options: Options, console: Console) -> bool:
    """Run the study and print its table; False where the data is absent."""
    path = find(hillstrom.FILE, options)
    if path is None:
        console.print(absent(hillstrom.FILE))
        return False
    trial = trial_of(hillstrom.read(path, options.most))
    told = {
        name: [
            replay(make(seed), trial, seed) for seed in track(range(SHUFFLES), name, transient=True)
        ]
        for name, make in makers_of(trial, console).items()
    }
    console.print(table_of(told))
    for verdict in verdicts(told):
        console.print(verdict, highlight=False)
    return True


def makers_of(trial: Trial, console: Console) -> dict[str, Callable[[int], Policy]]:
    """Who takes part, ours first; a library that is not installed is named and passed over."""
    makers: dict[str, Callable[[int], Policy]] = {
        OURS: lambda _: Learning(trial),
        CONSTANT: lambda _: Constant(len(ARMS), 0),
        CHANCE: lambda _: Uniform(len(ARMS)),
    }
    sys.path.insert(0, str(BENCH))
    levels = binning_of(FEATURES, trial.known).levels_of_all(trial.known)
    for library in PEERS:
        try:
            makers |= import_module(f"peers.with_{library}").policies(trial, levels)
        except ModuleNotFoundError as missing:
            console.print(
                f"SKIPPED: {missing.name} is not installed; pip install 'equipoise\\[peers]'"
            )
    return makers


def table_of(told: dict[str, list[Replayed]]) -> Table:
    """Value per customer over the shuffles, beside ours on the same shuffles, and how fast."""
    table = Table(title=f"Visits per customer, {SHUFFLES} shuffles", title_justify="left")
    table.add_column("policy")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    ours = [each.value for each in told[OURS]]
    for name, runs in told.items():
        values = [each.value for each in runs]
        gap, half = paired(ours, values)
        decided = sum(each.decided for each in runs) / sum(each.decide_s for each in runs)
        learnt = sum(each.n for each in runs) / sum(each.learn_s for each in runs)
        table.add_row(
            name,
            f"{np.mean(values):.5f}",
            f"{np.std(values, ddof=1):.5f}",
            f"{np.mean([each.late for each in runs]):.5f}",
            "" if name == OURS else f"{gap:+.5f} ± {half:.5f}",
            "" if name in YARDSTICKS else f"{decided:,.0f}",
            "" if name in YARDSTICKS else f"{learnt:,.0f}",
            validity(runs),
        )
    return table


def validity(runs: list[Replayed]) -> str:
    """In words, whether the probabilities of all runs are known, in [0, 1] and sum to 1."""
    if not runs[0].known:
        return "none told"
    worst = max(each.off for each in runs)
    wrong = sum(each.wrong for each in runs)
    return f"sum to 1 ± {worst:.0e}" + (f", {wrong:,} outside [0, 1]" if wrong else "")


def verdicts(told: dict[str, list[Replayed]]) -> Iterator[str]:
    """Whether ours is below each of the others on the same shuffles."""
    ours = [each.value for each in told[OURS]]
    for name, runs in told.items():
        if name == OURS:
            continue
        gap, half = paired(ours, [each.value for each in runs])
        said = "above" if gap > half else "below" if gap < -half else "not told apart from"
        yield f"{OURS} is {said} {name}: {gap:+.5f} ± {half:.5f}"
