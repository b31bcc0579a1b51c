"""The link in every mail: one tap ends it (RFC 8058), with no login and no question in between."""

import hmac
from html import escape

import msgspec
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors.policy import policy
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, IntakeRow, Source
from equipoise.ports import Clock, Desk, Overloaded, Store

PREFIX = "/unsubscribe/"
SOURCE = Source("unsubscribe")

_STYLE = "body { font: 1.1rem/1.5 system-ui; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }"
_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>{style}</style><body>
<h1>{title}</h1><p>{text}</p>{form}</body></html>"""

_TEXTS = {
    "en": {
        "ask": ("No more such mails?", "One tap ends them, at once and for good.", "Unsubscribe"),
        "done": ("Done", "You will get no more mails of this kind. The next decision knows it."),
        "gone": ("Nothing to end", "This link belongs to no mail that we still know."),
    },
    "fr": {
        "ask": ("Plus de tels messages ?", "Un geste y met fin, tout de suite.", "Se désabonner"),
        "done": ("C’est fait", "Vous ne recevrez plus de messages de ce genre."),
        "gone": ("Rien à arrêter", "Ce lien n’appartient à aucun message que nous connaissons."),
    },
}


def unsubscribe_app(store: Store, desk: Desk, clock: Clock, fallback: ASGIApp) -> ASGIApp:
    """Serve `/unsubscribe/KEY`, and hand every other path to `fallback`.

    A GET only asks, because mail scanners follow links; a POST objects to the purpose of the mail on
    its channel, for the person it was sent to. The key cannot be guessed (64 keyed bits).
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(PREFIX):
            await fallback(scope, receive, send)
            return
        action = action_of(store, path.removeprefix(PREFIX))
        lang = "fr" if action is not None and action.locale == "fr" else "en"
        answer: Response
        if action is None:
            answer = _page(lang, "gone", 404)
        elif scope["method"] == "POST":
            try:
                await desk.accept(_objection(store, action, clock.now_ms()))
                answer = _page(lang, "done")
            except Overloaded as full:
                answer = Response("", 429, {"retry-after": str(full.retry_after_s)})
        else:
            answer = _page(lang, "ask")
        await answer(scope, receive, send)

    return app


def action_of(store: Store, key: str) -> Action | None:
    """The action of a key that stands in a link; None where it is not the key of one we still know."""
    number = key.removeprefix("d_").partition("_")[0]
    if not number.isdecimal() or len(number) > 18:
        return None
    action = store.actions([int(number)]).get(int(number))
    if action is None or not hmac.compare_digest(action.key.encode(), key.encode()):
        return None
    return action


def _objection(store: Store, action: Action, now_ms: int) -> IntakeRow:
    """The event that the person says: no more of this purpose on this channel."""
    receipt = store.receipts([action.id]).get(action.id)
    purpose = "*" if receipt is None else str(msgspec.json.decode(receipt.body)["purpose"])
    event = Event(
        id=f"unsubscribe-{action.key}",
        kind="terms.objected",
        channel=action.option.channel,
        source=SOURCE.name,
        at_ms=now_ms,
        received_ms=now_ms,
        handles=action.handles,
        facts={"purpose": purpose, "channel": action.option.channel, "play": action.play},
        provenance="stated",
    )
    return IntakeRow(0, "events", SOURCE, now_ms, msgspec.msgpack.encode([event]))


def _page(lang: str, name: str, status: int = 200) -> HTMLResponse:
    title, text, *button = _TEXTS[lang][name]
    form = "".join(
        f'<form method="post"><button>{escape(label)}</button></form>' for label in button
    )
    body = _PAGE.format(lang=lang, title=escape(title), text=escape(text), form=form, style=_STYLE)
    headers = {
        "cache-control": "no-store",
        "content-security-policy": policy(_STYLE).decode(),
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(body, status, headers)
