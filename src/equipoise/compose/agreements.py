"""The settings `terms.*`: what agreements mean here, how signals are read, and what is published of both."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from equipoise.account.note import NoteKey
from equipoise.arrive.signals import Meaning, Notice
from equipoise.doors.wellknown import Published
from equipoise.nouns.agreements import ANALYTICS, ROSTER, TRACKING, UNCAPPED, Policy
from equipoise.settings import Settings, SettingsError

_MAPPED = re.compile(r"([^=\s]{1,64})=(\d{1,2}(?:,\d{1,2})*)")


def agreed_rules(settings: Settings) -> dict[str, Any]:
    """The fields of `nouns.rules.Rules` that the settings `terms.*` fill; raises `SettingsError`."""
    accepts = tuple(settings.text("terms.accepts").split()) or tuple(ROSTER)
    counter, default = settings.text("terms.counter"), settings.text("terms.default")
    named = (("terms.accepts", accepts), ("terms.counter", counter), ("terms.default", default))
    for name, told in named:
        for one in (told,) if isinstance(told, str) else told:
            if one and one not in ROSTER:
                raise _nonsense(settings, name, f"agreements among {', '.join(ROSTER)}")
    if default and not default.startswith("SD-"):
        raise _nonsense(settings, "terms.default", "an agreement on service data (SD-...)")
    needs = dict.fromkeys(settings.text("terms.analytics").split(), ANALYTICS)
    needs |= dict.fromkeys(settings.text("terms.tracking").split(), TRACKING)
    return {
        "needs": needs,
        "default_cap": ROSTER[default].mask if default else UNCAPPED,
        "gpc": settings.text("terms.gpc").split(),
        "helps": settings.text("aims.helps").split(),
        "policy": Policy(
            accepts,
            counter,
            settings.text("company"),
            settings.text("origin"),
            settings.text("terms.jurisdiction"),
        ),
    }


def meaning_of(settings: Settings) -> Meaning:
    """How this house reads signals; raises `SettingsError`."""
    mapped: dict[str, tuple[int, ...]] = {}
    for pair in settings.text("terms.tcf").split():
        found = _MAPPED.fullmatch(pair)
        if found is None:
            raise _nonsense(settings, "terms.tcf", "pairs such as analytics=7,8")
        mapped[found[1]] = tuple(int(number) for number in found[2].split(","))
    return Meaning(
        notices=notices_of(settings),
        marketing=tuple(settings.text("terms.marketing").split()),
        interest=tuple(settings.text("basis.interest").split()),
        gpc=tuple(settings.text("terms.gpc").split()),
        tcf=mapped,
        vendor=settings.whole("terms.tcf_vendor"),
    )


def notices_of(settings: Settings) -> dict[str, Notice]:
    """The notices that are served, by their id, from the file `terms.notices`; raises `SettingsError`."""
    place = settings.text("terms.notices")
    if not place:
        return {}
    try:
        table = tomllib.loads(Path(place).read_text("utf-8"))
        return {name: _notice(told) for name, told in table.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as fault:
        raise SettingsError(
            f"setting terms.notices needs a TOML file with a table for each notice (purpose, channel, "
            f"text.en, text.fr), got {place!r}: {type(fault).__name__}: {fault}"
        ) from None


def _notice(told: dict[str, Any]) -> Notice:
    texts = {str(language): str(text) for language, text in told["text"].items()}
    if not texts:
        raise KeyError("text")
    return Notice(str(told["purpose"]), texts, str(told.get("channel", "*")))


def published_of(settings: Settings, key: NoteKey, policy: Policy) -> Published:
    """What the house says of its terms to everybody; raises `SettingsError`."""
    return Published(
        policy=policy,
        since=since_of(settings),
        notices=notices_of(settings),
        tos_url=settings.text("terms.url"),
        key=key.public,
        key_id=key.id.hex(),
    )


def since_of(settings: Settings) -> date:
    """The day from which the terms are in force; raises `SettingsError`."""
    try:
        return date.fromisoformat(settings.text("terms.since"))
    except ValueError:
        raise _nonsense(settings, "terms.since", "a day such as 2026-11-22") from None


def _nonsense(settings: Settings, name: str, needs: str) -> SettingsError:
    return SettingsError(
        f"setting {name} needs {needs}, got {settings.values[name]!r}. `equipoise settings` lists all."
    )
