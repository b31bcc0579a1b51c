"""What the links in a letter have in common: whose letter it was, the small page, and the event it brings."""

import hmac
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import msgspec
from starlette.responses import HTMLResponse

from equipoise.doors.policy import policy
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, IntakeRow, Source, Value
from equipoise.ports import Store

_STYLE = """body { font: 1.1rem/1.5 system-ui; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }
button { font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .75rem }"""
_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>{style}</style><body>
<h1>{title}</h1><p>{text}</p>{form}</body></html>"""


class Button(NamedTuple):
    """What one tap sends: the value of the field `name`, or nothing but the tap where it has no name."""

    label: str
    name: str = ""
    value: str = ""


def action_of(store: Store, key: str) -> Action | None:
    """The action of a key that stands in a link; None where it is not the key of one we still know."""
    number = key.removeprefix("d_").partition("_")[0]
    if not number.isdecimal() or len(number) > 18:
        return None
    action = store.actions([int(number)]).get(int(number))
    if action is None or not hmac.compare_digest(action.key.encode(), key.encode()):
        return None
    return action


def language_of(action: Action | None) -> str:
    """The language of the page behind a link: that of the letter, `en` where there is no such page."""
    return "fr" if action is not None and action.locale[:2] == "fr" else "en"


def said(
    action: Action, source: Source, what: tuple[str, str], facts: Mapping[str, Value], now_ms: int
) -> IntakeRow:
    """The row of one event that the person of this action states; `what` is its id and its kind."""
    event = Event(
        id=what[0],
        kind=what[1],
        channel=action.option.channel,
        source=source.name,
        at_ms=now_ms,
        received_ms=now_ms,
        handles=action.handles,
        facts={**facts, "play": action.play},
        provenance="stated",
    )
    return IntakeRow(0, "events", source, now_ms, msgspec.msgpack.encode([event]))


def page(
    lang: str, told: tuple[str, str], buttons: Sequence[Button] = (), status: int = 200
) -> HTMLResponse:
    """A page that says `told` (title and text) and offers the buttons; it needs no script and is not kept."""
    title, text = told
    form = "".join(_button(one) for one in buttons)
    form = f'<form method="post">{form}</form>' if form else ""
    body = _PAGE.format(lang=lang, title=escape(title), text=escape(text), form=form, style=_STYLE)
    headers = {
        "cache-control": "no-store",
        "content-security-policy": policy(_STYLE).decode(),
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(body, status, headers)


def _button(one: Button) -> str:
    named = f' name="{escape(one.name)}" value="{escape(one.value)}"' if one.name else ""
    return f"<button{named}>{escape(one.label)}</button>"
