"""One decision told by `equipoise why d_N`: its sentence, its reasons, and the numbers behind them."""

import re
from typing import TYPE_CHECKING, Any

import msgspec

from equipoise.cli import places
from equipoise.cli.speaking import (
    Exit,
    Trouble,
    say,
    say_inside,
    show_json,
    show_table,
    when,
)

if TYPE_CHECKING:
    from equipoise.nouns.explanations import Explanation
    from equipoise.ports import Store
    from equipoise.settings import Settings
    from equipoise.show.stories import Teller

DECISION = re.compile(r"d_(\d{1,18})")
"""The public name of a decision."""


def teller_of(settings: "Settings", store: "Store", lang: str) -> "Teller":
    """Who tells receipts of a store in a language, with the phrases of the house."""
    from equipoise.compose.explaining import Explainer, phrasebook_of
    from equipoise.plays.phrases import held_join, sentence
    from equipoise.plays.telling import why
    from equipoise.show.house import Sentences
    from equipoise.show.languages import Language
    from equipoise.show.stories import Teller

    explainer = Explainer(store, phrasebook_of(settings))
    return Teller(Sentences(sentence, held_join, why, explainer), Language(lang, "UTC"))


def tell_decision(settings: "Settings", name: str, lang: str, *, as_json: bool) -> None:
    """Print one decision; raises `Trouble` where there is none of that name."""
    from equipoise.compose.explaining import Explainer, phrasebook_of

    found = DECISION.fullmatch(name)
    store, intake = places.open_to_read(settings)
    try:
        row = store.receipts([int(found[1])]).get(int(found[1])) if found else None
        raw = msgspec.json.decode(row.body) if row is not None else {}
        if row is None or raw.get("type") != "decision":
            raise Trouble(
                f"{name!r}: there is no such decision here. `equipoise why PERSON` lists those of a "
                "person",
                Exit.NOT_WELL,
            )
        story = teller_of(settings, store, lang).receipt(row)
        explained = Explainer(store, phrasebook_of(settings))(raw, lang)
    finally:
        store.close()
        intake.close()
    if as_json:
        told = {"decision": name, "at_ms": story.at_ms, "play": story.play, "why": story.sentence}
        show_json({**told, "explanation": explained})
        return
    say(f"{name}  {story.play}", "strong")
    say_inside(f"{when(story.at_ms)}  {story.chip}", "dim")
    say_inside(story.sentence)
    if explained is not None:
        _tell(explained, lang)


def _tell(explained: "Explanation", lang: str) -> None:
    for sentence in explained.sentences:
        say_inside(f"• {sentence}")
    if not explained.lines:
        return
    from equipoise.show.languages import Language

    language = Language(lang, "UTC")
    say(f"\n{language.text('explain.title')} ({explained.currency})", "strong")
    rows: list[tuple[str, ...]] = [
        (line.label, line.value, *(f"{part:.4f}" for part in line.parts))
        for line in explained.lines
    ]
    rows.append((language.text("explain.sum"), "", *(f"{total:.4f}" for total in explained.sums)))
    first: tuple[Any, ...] = (language.text("explain.term"), language.text("explain.stood"))
    show_table((*first, *explained.columns), rows, right=explained.columns)
