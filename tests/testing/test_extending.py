"""The examples on the page about extending are run, and take the exams that it names."""

import asyncio
import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from equipoise.nouns.plays import SILENCE, Option
from equipoise.testing.exams_decide import examine_chooser, examine_guard
from equipoise.testing.exams_intake import IntakePlace, examine_intake
from equipoise.testing.exams_model import examine_model
from equipoise.testing.exams_sender import examine_sender
from equipoise.testing.exams_store import StorePlace, examine_store
from equipoise.testing.standing import FakeStanding, ask

PAGE = Path(__file__).parents[2] / "docs" / "extend.md"


@pytest.fixture(scope="module")
def yours():
    """Everything that the examples define, as one package of yours would hold it."""
    names = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, PAGE.name, "exec"), names)
    return names


def test_every_entry_point_of_the_page_names_something_that_the_page_defines(yours):
    text = PAGE.read_text("utf-8")
    pointed = re.findall(r'= "your_package:(\w+)"', text)
    assert len(pointed) == 5
    assert [name for name in pointed if name not in yours] == []
    groups = re.findall(r'entry-points\."(.+)"', text)
    kinds = ("guards", "choosers", "models", "senders", "stores")
    assert groups == [f"equipoise.{kind}" for kind in kinds]


def test_the_example_guard_passes_its_exam_and_is_seen_to_fire(yours):
    examine_guard("strike", yours["strike"])
    there = FakeStanding(fields={"traits.shop": "harbour"})
    assert yours["strike"](ask(there)).reason == "shop_on_strike"


def test_the_example_chooser_passes_its_exam(yours):
    examine_chooser("eldest", yours["eldest"])


def test_the_example_model_passes_its_exam(yours):
    options = (SILENCE, Option(name="mail", cost=0.5))
    model = yours["familiar"]().behind()
    examine_model(model, options, [{"orders.count": count} for count in (0, 3, None)])
    assert model.appraise(options, {"orders.count": 3})[1].value == pytest.approx(8.0)


def test_the_example_sender_passes_its_exam(yours):
    class LampStage:
        moods = frozenset({"takes", "gone"})

        def __init__(self):
            self.sender = yours["Lamp"](self.light)
            self.lit = []
            self.mood = "takes"

        async def set_mood(self, mood):
            self.mood = mood

        def light(self, key):
            if self.mood == "takes":
                self.lit.append(key)
            return self.mood == "takes"

        def keys(self):
            return self.lit

    @asynccontextmanager
    async def stage():
        yield LampStage()

    asyncio.run(examine_sender(stage))
    assert isinstance(yours["make_lamp"]({}), yours["Lamp"])


def test_the_example_store_passes_its_exams(yours):
    examine_store(lambda: StorePlace(lambda: yours["open_scratch"]("a", "both")[0], keeps=False))
    examine_intake(lambda: IntakePlace(lambda: yours["open_scratch"]("a", "both")[1], keeps=False))
