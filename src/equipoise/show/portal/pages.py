"""From a template of the portal to an answer: languages, who is there, and the token of its forms."""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from equipoise.show.addresses import person_name
from equipoise.show.languages import CODES, Language, iso, preferred
from equipoise.show.person import local_minutes
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.visits import VISIT
from equipoise.show.rendering import LANGUAGE, Pages
from equipoise.show.stories import Teller

HERE = Path(__file__).parent
TEXTS = HERE / "texts.toml"
"""The texts of the portal, beside those of the console."""

PLACES = ("data", "decisions", "terms", "wishes", "shares", "requests", "log", "leave")
"""The pages that the navigation leads to, in order; `data` is the first page."""


class PersonPages:
    """Renders the pages of the portal."""

    def __init__(self, portal: PersonHouse) -> None:
        self._portal = portal
        house = portal.house
        self._templates = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(HERE / "templates"),
                    FileSystemLoader(HERE.parent / "templates"),
                ]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "house": house,
            "asset": Pages(house).asset,
            "person": person_name,
            "places": PLACES,
            "iso": iso,
            "local": local_minutes,
        }
        self._language = lru_cache(Language)

    def language(self, request: Request) -> Language:
        """As the address asks, else as chosen before, else as the browser likes, else the house's."""
        house = self._portal.house
        for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE)):
            if chosen in CODES:
                return self._language(chosen, house.rules.timezone, TEXTS)
        accepted = request.headers.get("accept-language", "")
        return self._language(preferred(accepted, house.locale), house.rules.timezone, TEXTS)

    def teller(self, language: Language) -> Teller:
        """Who tells receipts in this language."""
        return Teller(self._portal.house.sentences, language)

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> Response:
        """A whole page; its forms carry the token of the visit, or of the browser that asks to enter."""
        language = self.language(request)
        visit = request.scope.get(VISIT)

        def text(name: str, **places: object) -> str:
            return language.text(name, places)

        frame = {
            "t": text,
            "lang": language,
            "here": request.url.path,
            "entered": visit is not None,
            "form": visit.form if visit is not None else "",
            "known_as": visit.handle.value if visit is not None else "",
            "said": _said(request, language),
            "other_language": _switch(request, language),
        }
        body = self._templates.get_template(name).render(frame | shown)
        answer = HTMLResponse(body, status, headers={"content-language": language.code})
        if request.query_params.get("lang") in CODES:
            answer.set_cookie(LANGUAGE, language.code, 31_536_000, samesite="lax", httponly=True)
        return answer


def _said(request: Request, language: Language) -> str:
    """What a form before this page came to; words that are not ours are never shown as if they were."""
    said = request.query_params.get("said", "")
    return "" if language.word("said", said) == said else said


def _switch(request: Request, language: Language) -> str:
    other = next(code for code in CODES if code != language.code)
    asked = [pair for pair in request.query_params.multi_items() if pair[0] not in ("lang", "said")]
    # A page that only answers a form has no address of its own to be read at again.
    place = "/me/enter" if request.url.path == "/me/code" else ""
    return f"{place}?{urlencode([*asked, ('lang', other)])}"
