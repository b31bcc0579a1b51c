"""Joins what explains: how far a model must, by the settings, and in whose words."""

from equipoise.nouns.decisions import Explain
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
