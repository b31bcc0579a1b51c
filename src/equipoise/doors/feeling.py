"""The link below every contact: one tap says how it felt, with no login and nothing to fill in."""

from html import escape
from urllib.parse import parse_qs

import msgspec
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors.bodies import Disconnected, TooLarge, read_body
from equipoise.doors.policy import policy
from equipoise.doors.unsubscribing import action_of
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, IntakeRow, Source
from equipoise.nouns.wishes import ANSWERS
from equipoise.ports import Clock, Desk, Overloaded, Store

PREFIX = "/felt/"
SOURCE = Source("felt")

MOST_BYTES = 4096
"""The most bytes of a form with one field."""

_STYLE = """body { font: 1.1rem/1.5 system-ui; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }
button { font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .75rem }"""
_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>{style}</style><body>
<h1>{title}</h1><p>{text}</p>{form}</body></html>"""

_TEXTS = {
    "en": {
        "ask": ("How was this for you?", "One tap is enough. The next decision knows it."),
        "welcome": ("Thank you", "We are glad, and change nothing."),
        "not_now": ("Understood", "We leave you in peace for a day."),
        "too_much": (
            "Understood",
            "We leave you in peace for a week, and write half as often then.",
        ),
        "untrue": ("Thank you", "A human looks at it before anybody gets it again."),
        "gone": ("Nothing to answer", "This link belongs to nothing that we still know."),
    },
    "fr": {
        "ask": (
            "Comment l’avez-vous reçu ?",
            "Un geste suffit. La prochaine décision en tient compte.",
        ),
        "welcome": ("Merci", "Nous en sommes heureux et ne changeons rien."),
        "not_now": ("C’est entendu", "Nous vous laissons tranquille pendant un jour."),
        "too_much": (
            "C’est entendu",
            "Nous vous laissons tranquille une semaine, puis écrirons deux fois moins.",
        ),
        "untrue": ("Merci", "Une personne l’examine avant que quiconque ne le reçoive encore."),
        "gone": ("Rien à répondre", "Ce lien n’appartient à rien que nous connaissions encore."),
    },
}
_BUTTONS = {
    "en": ("Welcome", "Not now", "Too much", "This is untrue"),
    "fr": ("Bienvenu", "Pas maintenant", "Trop", "C’est faux"),
}


def feeling_app(store: Store, desk: Desk, clock: Clock, fallback: ASGIApp) -> ASGIApp:
    """Serve `/felt/KEY`, and hand every other path to `fallback`.

    A GET only asks, because mail scanners follow links; a POST with `felt=ANSWER` records the answer of
    the person whom the action reached. The key cannot be guessed (64 keyed bits).
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(PREFIX):
            await fallback(scope, receive, send)
            return
        action = action_of(store, path.removeprefix(PREFIX))
        lang = "fr" if action is not None and action.locale[:2] == "fr" else "en"
        answer: Response
        if action is None:
            answer = _page(lang, "gone", 404)
        elif scope["method"] != "POST":
            answer = _page(lang, "ask")
        else:
            try:
                form = parse_qs((await read_body(receive, MOST_BYTES)).decode("latin-1"))
            except TooLarge:
                form = {}
            except Disconnected:
                return
            said = form.get("felt", [""])[0]
            if said not in ANSWERS:
                answer = _page(lang, "ask", 400)
            else:
                try:
                    await desk.accept(_felt(action, said, clock.now_ms()))
                    answer = _page(lang, said)
                except Overloaded as full:
                    answer = Response("", 429, {"retry-after": str(full.retry_after_s)})
        await answer(scope, receive, send)

    return app


def _felt(action: Action, said: str, now_ms: int) -> IntakeRow:
    """The event that the person says how it felt."""
    event = Event(
        id=f"felt-{action.key}-{now_ms}",
        kind="felt",
        channel=action.option.channel,
        source=SOURCE.name,
        at_ms=now_ms,
        received_ms=now_ms,
        handles=action.handles,
        facts={
            "felt": said,
            "decision": f"d_{action.id}",
            "play": action.play,
            "option": action.option.name,
        },
        provenance="stated",
    )
    return IntakeRow(0, "events", SOURCE, now_ms, msgspec.msgpack.encode([event]))


def _page(lang: str, name: str, status: int = 200) -> HTMLResponse:
    title, text = _TEXTS[lang][name]
    form = ""
    if name == "ask":
        buttons = "".join(
            f'<button name="felt" value="{answer}">{escape(label)}</button>'
            for answer, label in zip(ANSWERS, _BUTTONS[lang], strict=True)
        )
        form = f'<form method="post">{buttons}</form>'
    body = _PAGE.format(lang=lang, title=escape(title), text=escape(text), form=form, style=_STYLE)
    headers = {
        "cache-control": "no-store",
        "content-security-policy": policy(_STYLE).decode(),
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(body, status, headers)
