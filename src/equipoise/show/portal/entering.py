"""The way in, without a password: a link by mail, opened by a form so that no scanner can spend it."""

import asyncio
import secrets
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.nouns.events import Handle
from equipoise.nouns.letters import Letter
from equipoise.show.forms import first, read_form
from equipoise.show.house import House
from equipoise.show.languages import Language
from equipoise.show.login import local_path
from equipoise.show.portal.doorway import (
    NONCE,
    PREFIX,
    SESSION_COOKIE,
    checked_form,
    cookie_named,
    is_ours,
    keep_cookie,
)
from equipoise.show.portal.house import PersonHouse
from equipoise.show.portal.links import CODE_DIGITS, LINK_S, TOKEN_BYTES, Links, digest
from equipoise.show.portal.pages import PersonPages
from equipoise.show.portal.visits import AGE_S, VISIT, Visits, form_token, same

NONCE_S = 3600.0


class Entering:
    """`/me/enter`, `/me/enter/{token}`, `/me/code` and `/me/out`."""

    def __init__(
        self, portal: PersonHouse, pages: PersonPages, links: Links, visits: Visits
    ) -> None:
        self._portal = portal
        self._house = portal.house
        self._pages = pages
        self._links = links
        self._visits = visits
        self._posting: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """The routes of the way in and out."""
        return [
            Route("/me/enter", self.form),
            Route("/me/enter", self.send, methods=["POST"]),
            Route("/me/enter/{token}", self.opened),
            Route("/me/enter/{token}", self.enter, methods=["POST"]),
            Route("/me/code", self.typed, methods=["POST"]),
            Route("/me/out", self.out, methods=["POST"]),
            Route("/me/left", self.left),
        ]

    def _nonce(self, request: Request) -> str:
        return request.cookies.get(cookie_named(NONCE, request, self._house), "")

    def _page(self, request: Request, name: str, status: int = 200, **shown: object) -> Response:
        """A page of the way in; its form is bound to the browser that asks."""
        nonce = self._nonce(request) or secrets.token_urlsafe(TOKEN_BYTES)
        shown = {"trouble": "", "onward": "", "entered": False, "known_as": ""} | shown
        answer = self._pages.page(request, name, status, **shown, form=form_token(nonce))
        keep_cookie(answer, request, self._house, (NONCE, nonce), NONCE_S)
        return answer

    async def form(self, request: Request) -> Response:
        """Ask for the address."""
        onward = request.query_params.get("next", "")[:500]
        return self._page(request, "me_enter.html", onward=onward, mails=bool(self._portal.post))

    async def _posted(self, request: Request) -> dict[str, list[str]]:
        fields = await read_form(request)
        if not same(first(fields, "form"), form_token(self._nonce(request) or "-")):
            raise HTTPException(403)
        return fields

    def _wait(self, request: Request, what: str) -> Response | None:
        address = request.client.host if request.client else ""
        wait_s = self._portal.limit(f"{what}:{address}")
        if wait_s == 0.0:
            return None
        answer = self._page(request, "me_enter.html", 429, trouble="enter.wait", mails=True)
        answer.headers["retry-after"] = str(int(wait_s) + 1)
        return answer

    async def send(self, request: Request) -> Response:
        """Send a link where the address is known; say the same, at the same time, where it is not."""
        fields = await self._posted(request)
        too_soon = self._wait(request, "link")
        if too_soon is not None:
            return too_soon
        typed = first(fields, "email", 320)
        handles = self._portal.emails(typed)
        language = self._pages.language(request)
        known = self._known(handles)
        if known is not None and self._portal.limit(f"mail:{digest(known[0].value)}") == 0.0:
            token, code = self._links.issue(known[0], self._nonce(request))
            letter = self._letter(request, known, language, (token, code))
            self._post(letter)
        return self._page(request, "me_sent.html", email=typed, minutes=int(LINK_S // 60))

    def _known(self, handles: Sequence[Handle]) -> tuple[Handle, int] | None:
        found = self._house.store.atoms_of(handles)
        return next(((h, found[h].person) for h in handles if h in found), None)

    def _letter(
        self,
        request: Request,
        known: tuple[Handle, int],
        language: Language,
        secret: tuple[str, str],
    ) -> Letter:
        handle, person = known
        token, code = secret
        base = self._house.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
        places = {
            "company": self._house.company,
            "link": f"{base}{PREFIX}/enter/{token}",
            "code": code,
            "minutes": int(LINK_S // 60),
        }
        return Letter(
            to=handle.value,
            person=person,
            locale=language.code,
            subject=language.text("enter.mail_subject", places),
            text=language.text("enter.mail_text", places),
            key=f"me_{digest(token)[:24]}",
            at_ms=self._house.clock.now_ms(),
        )

    def _post(self, letter: Letter) -> None:
        """Send beside the answer: how long a mail takes must not tell that there was one."""
        if self._portal.post is None:
            return
        task = asyncio.ensure_future(self._portal.post(letter))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)

    async def opened(self, request: Request) -> Response:
        """What the link in the mail leads to: a button. Looking at it spends nothing."""
        token = request.path_params["token"]
        elsewhere = not self._nonce(request)
        return self._page(request, "me_open.html", token=token, elsewhere=elsewhere)

    async def enter(self, request: Request) -> Response:
        """Spend the link, in the browser that asked for it."""
        fields = await self._posted(request)
        handle = self._links.redeem(request.path_params["token"], self._nonce(request))
        if handle is None:
            return self._page(request, "me_enter.html", 403, trouble="enter.spent", mails=True)
        return self._begin(request, handle, first(fields, "next"))

    async def typed(self, request: Request) -> Response:
        """The code of the mail, typed into the page that asked for it."""
        fields = await self._posted(request)
        too_soon = self._wait(request, "code")
        if too_soon is not None:
            return too_soon
        code = "".join(sign for sign in first(fields, "code") if sign.isdigit())[:CODE_DIGITS]
        handle = self._links.redeem_code(code, self._nonce(request))
        if handle is None:
            return self._page(
                request,
                "me_sent.html",
                403,
                trouble="enter.wrong",
                email=first(fields, "email", 320),
                minutes=int(LINK_S // 60),
            )
        return self._begin(request, handle, first(fields, "next"))

    def _begin(self, request: Request, handle: Handle, asked: str) -> Response:
        onward = local_path(asked)
        answer = RedirectResponse(onward if is_ours(onward) else PREFIX, 303)
        keep_cookie(
            answer, request, self._house, (SESSION_COOKIE, self._visits.begin(handle)), AGE_S
        )
        keep_cookie(answer, request, self._house, (NONCE, ""), 0)
        return answer

    async def out(self, request: Request) -> Response:
        """End every visit of this person, in all browsers."""
        await checked_form(request)
        return farewell(request, self._house, self._visits, "/me/enter?said=out")

    async def left(self, request: Request) -> Response:
        """What somebody sees who has left: nothing about them, for there is nothing any more."""
        return self._page(request, "me_left.html")


def farewell(request: Request, house: House, visits: Visits, onward: str) -> Response:
    """End the visits of whoever asks, and take their cookie away."""
    visit = request.scope.get(VISIT)
    if visit is not None:
        visits.end(visit.handle)
    answer = RedirectResponse(onward, 303, {"clear-site-data": '"cache"'})
    keep_cookie(answer, request, house, (SESSION_COOKIE, ""), 0)
    return answer
