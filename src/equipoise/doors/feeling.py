"""The link below every contact: one tap says how it felt, with no login and nothing to fill in."""

from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors.bodies import Disconnected, TooLarge, read_body
from equipoise.doors.one_tap import Button, action_of, language_of, page, said
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.wishes import ANSWERS
from equipoise.ports import Clock, Desk, Overloaded, Store

PREFIX = "/felt/"
SOURCE = Source("felt")

MOST_BYTES = 4096
"""The most bytes of a form with one field."""

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
_LABELS = {
    "en": ("Welcome", "Not now", "Too much", "This is untrue"),
    "fr": ("Bienvenu", "Pas maintenant", "Trop", "C’est faux"),
}
_BUTTONS = {
    lang: tuple(Button(label, "felt", one) for one, label in zip(ANSWERS, labels, strict=True))
    for lang, labels in _LABELS.items()
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
        lang = language_of(action)
        answer: Response
        if action is None:
            answer = page(lang, _TEXTS[lang]["gone"], status=404)
        elif scope["method"] != "POST":
            answer = page(lang, _TEXTS[lang]["ask"], _BUTTONS[lang])
        else:
            try:
                form = parse_qs((await read_body(receive, MOST_BYTES)).decode("latin-1"))
            except TooLarge:
                form = {}
            except Disconnected:
                return
            felt = form.get("felt", [""])[0]
            if felt not in ANSWERS:
                answer = page(lang, _TEXTS[lang]["ask"], _BUTTONS[lang], 400)
            else:
                try:
                    await desk.accept(_felt(action, felt, clock.now_ms()))
                    answer = page(lang, _TEXTS[lang][felt])
                except Overloaded as full:
                    answer = Response("", 429, {"retry-after": str(full.retry_after_s)})
        await answer(scope, receive, send)

    return app


def _felt(action: Action, felt: str, now_ms: int) -> IntakeRow:
    """The event that the person says how it felt."""
    what = f"felt-{action.key}-{now_ms}", "felt"
    facts = {"felt": felt, "decision": f"d_{action.id}", "option": action.option.name}
    return said(action, SOURCE, what, facts, now_ms)
