"""Joins what explains: how far a model must, in whose words, and the model that a contrast asks again."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from equipoise.nouns.decisions import Explain
from equipoise.nouns.explanations import Explanation
from equipoise.nouns.plays import Play
from equipoise.plays.contrasting import Contrast, contrast, inputs_of, scores_of
from equipoise.plays.explaining import Words, explain
from equipoise.plays.features import Phrasebook, PhraseMistake, read_phrases
from equipoise.plays.reading import read_play
from equipoise.ports import Store
from equipoise.settings import Settings, SettingsError

LEVELS = {level.name.lower(): level for level in Explain}
"""The levels of explanation by the names that settings and models give them."""


def default_explain(settings: Settings) -> Explain:
    """How far a model has to explain itself for most purposes; raises `SettingsError`."""
    name = settings.text("explain.default")
    if name not in LEVELS:
        raise SettingsError(
            f"setting explain.default needs exact, approximate or none, got {name!r}. "
            "`equipoise settings` lists all."
        )
    return LEVELS[name]


def explains_of(settings: Settings) -> dict[str, Explain]:
    """The purposes that are content with less, and with what; raises `SettingsError`."""
    roughly, nothing = (
        settings.text(f"explain.{level}").split() for level in ("approximate", "none")
    )
    twice = sorted({*roughly} & {*nothing})
    if twice:
        raise SettingsError(
            f"setting explain.none needs other purposes than explain.approximate, got {twice[0]!r} "
            "in both; take it out of one of them."
        )
    return dict.fromkeys(roughly, Explain.APPROXIMATE) | dict.fromkeys(nothing, Explain.NONE)


def phrasebook_of(settings: Settings) -> Phrasebook:
    """The phrases of the house with its own from the file `phrases`; raises `SettingsError`."""
    if not settings.text("phrases"):
        return Phrasebook()
    file = Path(settings.text("phrases"))
    try:
        return read_phrases(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, PhraseMistake) as fault:
        raise SettingsError(
            f"setting phrases needs a TOML file of phrases, and {file} is none: {fault}. "
            "docs/explanations.md shows one."
        ) from None


class Explainer:
    """Explains decisions of one store from their receipts, in the words of the house."""

    def __init__(self, store: Store, book: Phrasebook) -> None:
        self._store = store
        self._book = book
        self.model = lru_cache(maxsize=8)(self._decoded)
        self._plays = lru_cache(maxsize=64)(self._play)

    def __call__(
        self, told: Mapping[str, Any], locale: str, *, contrasts: bool = True
    ) -> Explanation | None:
        """How the decision of a receipt came about; None for receipts of other types.

        `contrasts` looks for what would have made another option the best, which asks the model again.
        """
        if told.get("type") != "decision":
            return None
        play = self._plays(told["play"], told["version"])
        currency = play.goal.currency if play is not None and play.goal else "EUR"
        words = Words(locale, currency, self._book)
        return explain(told, words, self.contrast(told) if contrasts else None)

    def contrast(self, told: Mapping[str, Any]) -> Contrast | None:
        """What would have made another option the best, by the model of the receipt.

        Only of what was learnt here: it is additive, and its version is kept for ever.
        """
        if not told.get("model") or told.get("explains") != "exact":
            return None
        play, model = self._plays(told["play"], told["version"]), self.model(told["model"])
        if play is None or model is None:
            return None
        names = scores_of(told)
        options = [option for option in play.options if option.name in names]

        def appraise(inputs: Mapping[str, Any]) -> dict[str, float]:
            appraised = model.appraise(options, inputs)
            return {
                option.name: found.score for option, found in zip(options, appraised, strict=True)
            }

        cuts = {feature: model.edges(feature) for feature in inputs_of(told)}
        return contrast(told, appraise, cuts, self._book.changeable)

    def _decoded(self, version: str) -> Any:
        from equipoise.learn.value import ModelMistake, ValueModel

        row = self._store.model(version)
        try:
            return None if row is None else ValueModel.decode(row.body)
        except ModelMistake:
            return None

    def _play(self, name: str, version: str) -> Play | None:
        rows = (row for row in self._store.plays() if row.name == name and row.version == version)
        row = next(rows, None)
        try:
            return None if row is None else read_play(row.text)
        except ValueError:
            return None
