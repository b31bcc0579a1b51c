"""The report of a rehearsal for people: what the terminal prints, and one page that stands by itself."""

from collections.abc import Callable, Iterable, Mapping
from math import floor, isfinite, log10
from pathlib import Path
from typing import Any, get_args

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from equipoise.interval import Interval
from equipoise.nouns.rehearsals import Estimator, Reference, Report
from equipoise.show.languages import Language, texts
from equipoise.show.plots import Mark, Scale, Sequence, scale_of, sequence_of

_HERE = Path(__file__).parent
ESTIMATORS: tuple[Estimator, ...] = ("dr", "snips", "ips", "switch_dr", "dm")
"""The estimators in the order in which they are shown: the one that decides comes first."""

TONES = {"launch": "act", "do_not_launch": "bad", "not_enough_support": "held"}
"""The colour of each verdict."""

FACTS = ("decisions", "people", "ess", "weight", "unsupported", "helpless")
"""The figures at the head of a report."""

SPOKEN = ("value", "differences", "segments", "without_help")
"""The headings that a terminal prints too."""

Reason = Callable[[str, str, Mapping[str, str]], str]
"""Tells a reason code in a language, with its detail."""


class Line(msgspec.Struct, frozen=True):
    """One interval as a row: its name, what it says in text, and where it lies on the scale.

    `range` is the interval in text, `mark` its place; `under` is a remark in smaller letters.
    """

    label: str
    mean: str
    range: str
    mark: Mark
    under: str = ""


class Removed(msgspec.Struct, frozen=True):
    """One reason for which guards took options away: how often, and its share of the greatest."""

    reason: str
    sentence: str
    n: str
    share: float


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A report in one language, with every number written out."""

    report: Report
    tone: str
    answer: str
    because: str
    facts: tuple[tuple[str, str], ...]
    alarms: tuple[str, ...]
    differences: tuple[Line, ...]
    gain: Scale
    values: tuple[Line, ...]
    worth: Scale
    segments: tuple[Line, ...]
    by_segment: Scale
    live: Sequence | None
    table: tuple[tuple[str, ...], ...]
    removed: tuple[Removed, ...]
    helpless: str
    helpless_by_segment: tuple[tuple[str, str, str, str], ...]
    remarks: tuple[str, ...]
    words: dict[str, str]
    heads: tuple[str, ...]


class Teller:
    """Tells one report in one language."""

    def __init__(self, report: Report, language: Language, reason: Reason) -> None:
        self.report = report
        self.language = language
        self._reason = reason
        greatest = max((abs(v.value.mean) for v in report.values), default=1.0)
        self._digits = _digits(greatest)

    def told(self) -> Told:
        """The whole report."""
        report, language = self.report, self.language
        differences = [
            (language.word("policy", to), found)
            for to in get_args(Reference)
            if (found := report.difference(to, "dr")) is not None
        ]
        gain = scale_of((found for _, found in differences), zero=True)
        values = list(self._values())
        worth = scale_of((found for _, found, _ in values), zero=False)
        by_segment = scale_of((row.difference for row in report.segments), zero=True)
        without = report.without_help
        return Told(
            report=report,
            tone=TONES[report.conclusion.answer],
            answer=self.answer(),
            because=self.because(),
            facts=tuple(self._facts()),
            alarms=tuple(language.word("alarm", code) for code in report.support.alarms),
            differences=tuple(self._line(name, found, gain) for name, found in differences),
            gain=gain,
            values=tuple(self._line(name, found, worth, under) for name, found, under in values),
            worth=worth,
            segments=tuple(
                self._line(row.segment, row.difference, by_segment, self._segment(row))
                for row in report.segments
            ),
            by_segment=by_segment,
            live=sequence_of(report.live),
            table=tuple(self._table()),
            removed=tuple(self._removed()),
            helpless=self._share(without.people, report.people),
            helpless_by_segment=tuple(
                (
                    name,
                    language.number(part.people),
                    language.number(part.decisions),
                    ", ".join(f"{code} {n:,}" for code, n in sorted(part.removed.items())),
                )
                for name, part in without.segments.items()
            ),
            remarks=tuple(self._remarks()),
            words={name: language.text(f"rehearsal.{name}") for name in SPOKEN},
            heads=(
                "",
                language.text("rehearsal.value"),
                *(f"− {language.word('policy', to)}" for to in get_args(Reference)),
            ),
        )

    def answer(self) -> str:
        """The verdict in a few words; a launch says so where one option for everybody would do better."""
        report, language = self.report, self.language
        word = language.word("answer", report.conclusion.answer)
        found = report.difference("best_constant", "dr")
        if report.conclusion.answer != "launch" or found is None or found.mean >= 0.0:
            return word
        places = {"answer": word, "option": ", ".join(dict.fromkeys(report.constants))}
        if found.high < 0.0:
            return language.text("rehearsal.constant_better", places)
        return language.text("rehearsal.constant_may_be_better", places)

    def because(self) -> str:
        """Why the verdict is what it is, with its numbers."""
        told, language = self.report.conclusion, self.language
        signed = told.answer != "launch"
        numbers = {name: self.number(value, signed=signed) for name, value in told.numbers.items()}
        for name, value in told.numbers.items():
            if name in ("share", "most"):
                numbers[name] = language.share(value)
            elif name in ("ess", "floor"):
                numbers[name] = language.number(value)
            elif name in ("weight", "needed"):
                numbers[name] = language.number(value, 3)
        numbers["unit"] = self.report.unit
        numbers["level"] = language.share(self.report.rule.level)
        return language.text(f"because.{told.reason}", numbers)

    def number(self, value: float, *, signed: bool = False) -> str:
        """A value in the unit of the reward, with as many digits as the values call for."""
        if value == 0:
            return "0"
        if not isfinite(value):
            return "∞" if value > 0 else "−∞"
        text = f"{abs(value):,.{self._digits}f}"
        if self.language.code == "fr":
            text = text.replace(",", "\u202f").replace(".", ",")
        if not float(f"{value:.{self._digits}f}"):
            return text
        return f"−{text}" if value < 0 else f"+{text}" if signed else text

    def _range(self, found: Interval, *, signed: bool) -> str:
        low, high = (self.number(bound, signed=signed) for bound in (found.low, found.high))
        return self.language.text("rehearsal.range", {"low": low, "high": high})

    def _line(self, name: str, found: Interval, scale: Scale, under: str = "") -> Line:
        signed = scale.zero is not None
        mean = self.number(found.mean, signed=signed)
        return Line(name, mean, self._range(found, signed=signed), scale.mark(found), under)

    def _values(self) -> Iterable[tuple[str, Interval, str]]:
        report, language = self.report, self.language
        ways = (("candidate", "dr"), ("incumbent", "on_policy"), ("silence", "dr"))
        for policy, by in (*ways, ("best_constant", "dr"), ("uniform", "dr")):
            found = report.value(policy, by)
            if found is None:
                continue
            under = language.word("estimator", by)
            if policy == "best_constant" and report.constants:
                under = f"{', '.join(dict.fromkeys(report.constants))} · {under}"
            yield language.word("policy", policy), found, under

    def _facts(self) -> Iterable[tuple[str, str]]:
        report, language, support = self.report, self.language, self.report.support
        number, share = language.number, language.share
        told = (
            number(report.n),
            number(report.people),
            f"{number(support.ess)} ({share(support.ess / report.n)})",
            number(support.largest_weight, 1),
            share(support.unsupported),
            self._share(report.without_help.people, report.people),
        )
        for name, text in zip(FACTS, told, strict=True):
            yield language.text(f"rehearsal.{name}"), text

    def _share(self, part: int, whole: int) -> str:
        return f"{self.language.number(part)} ({self.language.share(part / max(1, whole))})"

    def _segment(self, row: Any) -> str:
        places = {
            "n": self.language.number(row.n),
            "ess": self.language.number(row.ess),
            "helpless": self.language.number(row.without_help),
        }
        return self.language.text("rehearsal.segment_row", places)

    def _table(self) -> Iterable[tuple[str, ...]]:
        """Every estimator: the candidate's value, then its differences; empty where there is none."""
        report = self.report
        for by in ESTIMATORS:
            cells = [self.language.word("estimator", by)]
            value = report.value("candidate", by)
            cells.append("" if value is None else self._cell(value, signed=False))
            for to in get_args(Reference):
                found = report.difference(to, by)
                cells.append("" if found is None else self._cell(found, signed=True))
            yield tuple(cells)

    def _cell(self, found: Interval, *, signed: bool) -> str:
        half = (found.high - found.low) / 2
        return f"{self.number(found.mean, signed=signed)} ± {self.number(half)}"

    def _removed(self) -> Iterable[Removed]:
        removed = self.report.without_help.removed
        most = max(removed.values(), default=1)
        for code, n in sorted(removed.items(), key=lambda pair: (-pair[1], pair[0])):
            sentence = self._reason(code, self.language.code, {})
            yield Removed(code, sentence, self.language.number(n), n / most)

    def _remarks(self) -> Iterable[str]:
        """What else a reader has to know: assumptions, guards not asked, rows left out, the rule."""
        report, language, number = self.report, self.language, self.language.number
        for note in report.notes:
            code, _, detail = note.partition(": ")
            yield language.word("remark", code).replace("{detail}", detail)
        for guard, lacks in report.not_asked.items():
            told = texts().get(f"lacks.{lacks}")
            why = (
                language.word("lacks", lacks)
                if told is not None
                else language.text("rehearsal.no_column", {"column": lacks})
            )
            yield language.text("rehearsal.not_asked", {"guard": guard, "lacks": why})
        for code, n in sorted(report.refused.items()):
            places = {
                "n": number(n),
                "what": language.word("unread", code),
                "first": report.first_refused.get(code, ""),
            }
            yield language.text("rehearsal.refused", places)
        yield language.text("rehearsal.model", {"model": report.model})
        rule = report.rule
        places = {
            "folds": number(rule.folds),
            "ess": number(rule.ess_normal),
            "n": number(rule.n_normal),
            "floor": number(rule.ess_floor),
            "most": language.share(rule.most_unsupported),
            "switch": number(rule.switch_at),
        }
        yield language.text("rehearsal.rule", places)


def _digits(greatest: float) -> int:
    """Digits after the point that show four figures of the greatest value, at most six."""
    if not greatest or not isfinite(greatest):
        return 2
    return min(6, max(0, 3 - floor(log10(greatest))))


def page(report: Report, language: Language, reason: Reason) -> str:
    """The report as one HTML file: no script, no address of anything outside of it."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def text(name: str, **places: object) -> str:
        return language.text(name, places)

    teller = Teller(report, language, reason)
    return templates.get_template("rehearsal.html").render(
        t=text,
        lang=language,
        told=teller.told(),
        number=teller.number,
        style=(_HERE / "assets" / "console.css").read_text("utf-8"),
    )
