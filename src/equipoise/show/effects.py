"""What each play is worth: its arms side by side, and a plot of how the engine differs from them."""

import asyncio
from math import isfinite

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from equipoise.interval import Interval
from equipoise.nouns.effects import MEASURES, Difference, Effect, Measure
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from equipoise.show.house import House
from equipoise.show.languages import Language
from equipoise.show.rendering import Pages

_MINUS, _BETWEEN = "\u2212", "\u2009"


class Mark(msgspec.Struct, frozen=True):
    """One difference in a plot, in hundredths of its width from the left; None where it is not known.

    `low` to `high` is the sequence, `inner_low` to `inner_high` the interval of one planned look.
    """

    other: str
    told: str
    tone: str
    zero: float
    mean: float | None = None
    low: float = 0.0
    high: float = 0.0
    inner_low: float = 0.0
    inner_high: float = 0.0


class Plot(msgspec.Struct, frozen=True):
    """The differences of one measure over one scale, from `least` to `most`."""

    title: str
    marks: tuple[Mark, ...]
    least: str
    most: str


Cell = tuple[str, str]
"""A mean as it is written, and its bounds; of nobody, that nothing is known."""


class Row(msgspec.Struct, frozen=True):
    """One arm as it is written: who is there, and what they brought."""

    name: str
    n: str
    expected: str
    value: Cell
    response: Cell
    left: Cell


class Shown(msgspec.Struct, frozen=True):
    """One play on the page."""

    effect: Effect
    tone: str
    chip: str
    sentences: tuple[str, ...]
    ratio: str
    arms: tuple[Row, ...]
    plots: tuple[Plot, ...]
    details: tuple[tuple[str, ...], ...]


class Effects:
    """`/effects`: how much each play brings beside doing nothing and beside simpler choosers."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._pages = pages

    def routes(self) -> list[Route]:
        """The one route, where the house counts effects."""
        return [Route("/effects", self.page)] if self._house.effects is not None else []

    async def page(self, request: Request) -> Response:
        """Every play with a goal; what is new is counted first, in pieces, so that others are served."""
        language = self._pages.language(request)
        counting, shown = self._house.effects, []
        if counting is not None:
            for _ in counting.count():
                await asyncio.sleep(0)
            shown = [Telling(effect, language).shown() for effect in counting.told()]
        return self._pages.page(request, "effects.html", plays=shown)


class Telling:
    """One effect in one language."""

    def __init__(self, effect: Effect, language: Language) -> None:
        self._effect = effect
        self._language = language
        # Where a person brings some cents, hundredths of the currency say too little.
        self._digits = 2 if any(abs(arm.value.mean) >= 0.5 for arm in effect.arms) else 4
        self.text = language.text
        self.number = language.number

    def shown(self) -> Shown:
        """All that the page tells of the play."""
        effect = self._effect
        tone, chip = self._chip()
        return Shown(
            effect,
            tone,
            chip,
            self._sentences(),
            self._ratio(),
            tuple(
                Row(
                    self.arm(arm.name),
                    self.number(arm.n),
                    self.number(round(arm.expected)),
                    self.known(arm.value, "value"),
                    self.known(arm.response, "response"),
                    self.known(arm.left, "left"),
                )
                for arm in effect.arms
            ),
            tuple(self._plot(measure) for measure in MEASURES) if effect.n else (),
            self._details(),
        )

    def arm(self, name: str) -> str:
        """What an arm is called."""
        if name == ENGINE:
            return self.text("effects.engine")
        if name == HOLDOUT:
            return self.text("effects.holdout")
        return self.text("effects.control", {"name": name})

    def figure(self, value: float, measure: Measure, *, signed: bool = False) -> str:
        """A value with its currency, or a share in per cent (points, where it is a difference)."""
        if measure == "value":
            return f"{self._bare(value, measure, signed=signed)} {self._effect.currency}"
        if not signed:
            return self._language.share(value)
        return self.text("effects.points", {"n": self._bare(value, measure, signed=True)})

    def _bare(self, value: float, measure: Measure, *, signed: bool) -> str:
        """The number alone, with the digits of the play; what rounds to nothing has no sign."""
        digits = self._digits if measure == "value" else 2
        value = round(value if measure == "value" else 100 * value, digits)
        sign = _MINUS if value < 0 else "+" if signed and value > 0 else ""
        return sign + self.number(abs(value), digits)

    def between(self, interval: Interval, measure: Measure, *, signed: bool = False) -> str:
        """The bounds of an interval, or that they are not known."""
        if not isfinite(interval.low):
            return self.text("effects.unknown")
        plain = measure == "value" or signed
        low = self._bare(interval.low, measure, signed=signed) if plain else ""
        places = {
            "low": low or self.figure(interval.low, measure),
            "high": self.figure(interval.high, measure, signed=signed),
        }
        return self.text("effects.between", places)

    def known(self, interval: Interval, measure: Measure) -> Cell:
        """A mean and its bounds; nothing is known of nobody."""
        if interval.n == 0:
            return self.text("effects.unknown"), ""
        return self.figure(interval.mean, measure), self.between(interval, measure)

    def _chip(self) -> tuple[str, str]:
        text = self.text
        if self._effect.ratio.alarm:
            return "bad", text("effects.chip_alarm")
        found = [d.found for d in self._effect.differences if d.measure == "value"]
        if not found:
            return "plain", text("effects.chip_alone")
        # The first of them is the holdout's where there is one: beside doing nothing.
        main = self._effect.difference(HOLDOUT, "value")
        first = main.found if main is not None else found[0]
        if first == "more":
            return "act", text("effects.chip_more")
        return (
            ("bad", text("effects.chip_less"))
            if first == "less"
            else ("plain", text("effects.chip_not_yet"))
        )

    def _sentences(self) -> tuple[str, ...]:
        text, said = self.text, list[str]()
        for each in self._effect.differences:
            always = each.adjusted_always
            places = {
                "other": self.arm(each.other),
                "size": self.figure(abs(always.mean), each.measure, signed=False),
                "between": self.between(always, each.measure, signed=True),
            }
            known = each.found if isfinite(always.low) else "unknown"
            match (each.measure, known):
                case ("value", "more"):
                    said.append(text("effects.value_more", places))
                case ("value", "less"):
                    said.append(text("effects.value_less", places))
                case ("value", "not_yet"):
                    said.append(text("effects.value_not_yet", places))
                case ("value", _):
                    said.append(text("effects.value_unknown", places))
                case ("left", "more"):
                    said.append(text("effects.left_more", places))
                case ("left", "less"):
                    said.append(text("effects.left_less", places))
        return tuple(said)

    def _ratio(self) -> str:
        text, ratio, number = self.text, self._effect.ratio, self.number
        if ratio.alarm:
            told = text("effects.ratio_alarm", {"p": self._p(ratio.p)})
        elif ratio.n and len(self._effect.arms) > 1:
            told = text("effects.ratio_well", {"p": self._p(ratio.p)})
        else:
            told = ""
        if ratio.strangers:
            told += " " + text("effects.strangers", {"n": number(ratio.strangers)})
        if self._effect.left_out:
            told += " " + text("effects.left_out", {"n": number(self._effect.left_out)})
        return told.strip()

    def _p(self, p: float) -> str:
        return (
            f"<{_BETWEEN}{self.number(0.0001, 4)}"
            if p < 1e-4
            else f"={_BETWEEN}{self.number(p, 4)}"
        )

    def _plot(self, measure: Measure) -> Plot:
        """All arms over one scale that holds 0 and every bound that is known."""
        differences = [d for d in self._effect.differences if d.measure == measure]
        ends = [
            end
            for d in differences
            for interval in (d.adjusted, d.adjusted_always)
            for end in (interval.low, interval.high)
            if isfinite(end)
        ]
        least, most = min([0.0, *ends]), max([0.0, *ends])
        room = 0.05 * (most - least) or 1.0
        least, most = least - room, most + room
        titles = {
            "value": self.text("effects.plot_value"),
            "response": self.text("effects.plot_response"),
            "left": self.text("effects.plot_left"),
        }
        return Plot(
            titles[measure],
            tuple(self._mark(d, least, most) for d in differences),
            self.figure(least, measure, signed=True) if ends else "",
            self.figure(most, measure, signed=True) if ends else "",
        )

    def _mark(self, each: Difference, least: float, most: float) -> Mark:
        def at(value: float) -> float:
            return 100 * (min(max(value, least), most) - least) / (most - least)

        good = "less" if each.measure == "left" else "more"
        tone = "open" if each.found == "not_yet" else "good" if each.found == good else "poor"
        always, once = each.adjusted_always, each.adjusted
        if not isfinite(once.low):
            return Mark(self.arm(each.other), self.text("effects.unknown"), tone, at(0.0))
        told = self.figure(once.mean, each.measure, signed=True)
        told += f" ({self.between(always, each.measure, signed=True)})"
        low, high = (at(always.low), at(always.high)) if isfinite(always.low) else (0.0, 100.0)
        return Mark(
            self.arm(each.other),
            told,
            tone,
            at(0.0),
            at(once.mean),
            low,
            high,
            at(once.low),
            at(once.high),
        )

    def _details(self) -> tuple[tuple[str, ...], ...]:
        """By arm and measure: plain, adjusted, both at every look, what the adjustment took away."""
        names = {
            "value": self.text("effects.value"),
            "response": self.text("effects.response"),
            "left": self.text("effects.left"),
        }
        return tuple(
            (
                f"{self.arm(d.other)}, {names[d.measure]}",
                *(
                    self.between(interval, d.measure, signed=True)
                    for interval in (d.plain, d.adjusted, d.plain_always, d.adjusted_always)
                ),
                self._language.share(round(d.reduction, 3)).replace("-", _MINUS),
                self._p(d.p),
            )
            for d in self._effect.differences
            if d.n
        )
