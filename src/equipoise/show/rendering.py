"""From a template and what it shows to an answer: languages, escaping and addresses in one place."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from equipoise.show.addresses import person_name
from equipoise.show.forms import with_token
from equipoise.show.house import House
from equipoise.show.languages import CODES, Language, iso, preferred
from equipoise.show.roles import may
from equipoise.show.sessions import SESSION, Session
from equipoise.show.stories import Teller

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
KINDS[".svg"] = "image/svg+xml"
LANGUAGE = "equipoise_lang"
"""The cookie that remembers a language chosen by hand; it says nothing about who chose."""

REVIEWS_SHOWN = 99


def assets() -> dict[str, bytes]:
    """Our own style sheet, script and pictures, by file name."""
    return {file.name: file.read_bytes() for file in sorted(ASSETS.iterdir()) if file.is_file()}


class Pages:
    """Renders pages and fragments of pages for one house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.files = assets()
        self._versions = {
            name: hashlib.sha256(body).hexdigest()[:12] for name, body in self.files.items()
        }
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"house": house, "asset": self.asset, "person": person_name}
        self._language = lru_cache(Language)

    def asset(self, name: str) -> str:
        """The address of one of our files, with a version so that it can be kept for ever."""
        return f"/assets/{name}?v={self._versions[name]}"

    def language(self, request: Request) -> Language:
        """As the address asks, else as chosen before, else as the browser likes, else the house's."""
        for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE)):
            if chosen in CODES:
                return self._language(chosen, self._house.rules.timezone)
        accepted = request.headers.get("accept-language", "")
        code = preferred(accepted, self._house.locale)
        return self._language(code, self._house.rules.timezone)

    def teller(self, language: Language) -> Teller:
        """Who tells receipts and records in this language."""
        return Teller(self._house.sentences, language)

    def _words(self, language: Language) -> dict[str, Any]:
        def text(name: str, **places: object) -> str:
            return language.text(name, places)

        return {"t": text, "lang": language, "iso": iso}

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> Response:
        """A whole page."""
        language = self.language(request)
        session = request.scope.get(SESSION)
        frame = {
            "here": request.url.path,
            "operator": session.operator if session else "",
            "may": self._sees(session),
            "reviews": len(self._house.store.with_status("review", REVIEWS_SHOWN)),
            "other_language": self._switch(request, language),
        }
        template = self._templates.get_template(name)
        body = template.render(self._words(language) | frame | shown)
        body = with_token(body, session.form if session else "")
        answer = HTMLResponse(body, status, headers={"content-language": language.code})
        if request.query_params.get("lang") in CODES:
            answer.set_cookie(LANGUAGE, language.code, 31_536_000, samesite="lax", httponly=True)
        return answer

    def _sees(self, session: Session | None) -> Callable[[str], bool]:
        """Which pages the one who is signed in may see; whoever sees an open console sees all."""
        role = session.role() if session else "admin"
        return lambda path: role is not None and may(role, "GET", path)

    def _switch(self, request: Request, language: Language) -> str:
        other = next(code for code in CODES if code != language.code)
        asked = [pair for pair in request.query_params.multi_items() if pair[0] != "lang"]
        return f"?{urlencode([*asked, ('lang', other)])}"

    def fragments(self, language: Language, names: tuple[str, ...], shown: Any) -> dict[str, str]:
        """The parts of the first page by name, each as HTML."""
        template = self._templates.get_template("parts.html")
        module: Any = template.make_module(self._words(language))
        return {name: str(getattr(module, name)(shown)) for name in names}
