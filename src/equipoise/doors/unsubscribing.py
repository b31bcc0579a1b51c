"""The link in every mail: one tap ends it (RFC 8058), with no login and no question in between."""

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors.one_tap import Button, action_of, language_of, page, said
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow, Source
from equipoise.ports import Clock, Desk, Overloaded, Store

PREFIX = "/unsubscribe/"
SOURCE = Source("unsubscribe")

_TEXTS = {
    "en": {
        "ask": ("No more such mails?", "One tap ends them, at once and for good."),
        "done": ("Done", "You will get no more mails of this kind. The next decision knows it."),
        "gone": ("Nothing to end", "This link belongs to no mail that we still know."),
    },
    "fr": {
        "ask": ("Plus de tels messages ?", "Un geste y met fin, tout de suite."),
        "done": ("C’est fait", "Vous ne recevrez plus de messages de ce genre."),
        "gone": ("Rien à arrêter", "Ce lien n’appartient à aucun message que nous connaissons."),
    },
}
_BUTTONS = {"en": (Button("Unsubscribe"),), "fr": (Button("Se désabonner"),)}


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
        lang = language_of(action)
        answer: Response
        if action is None:
            answer = page(lang, _TEXTS[lang]["gone"], status=404)
        elif scope["method"] == "POST":
            try:
                await desk.accept(_objection(store, action, clock.now_ms()))
                answer = page(lang, _TEXTS[lang]["done"])
            except Overloaded as full:
                answer = Response("", 429, {"retry-after": str(full.retry_after_s)})
        else:
            answer = page(lang, _TEXTS[lang]["ask"], _BUTTONS[lang])
        await answer(scope, receive, send)

    return app


def _objection(store: Store, action: Action, now_ms: int) -> IntakeRow:
    """The event that the person says: no more of this purpose on this channel."""
    receipt = store.receipts([action.id]).get(action.id)
    purpose = "*" if receipt is None else str(msgspec.json.decode(receipt.body)["purpose"])
    what = f"unsubscribe-{action.key}", "terms.objected"
    facts = {"purpose": purpose, "channel": action.option.channel}
    return said(action, SOURCE, what, facts, now_ms)
