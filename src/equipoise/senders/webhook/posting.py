"""One signed POST for each action: a CloudEvents 1.0 event in structured JSON, to one address.

The answer's status settles it: 2xx has it, 408, 425, 429 and 5xx may come back later, all else never.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from yarl import URL

from equipoise.nouns.decisions import Action
from equipoise.ports import GaveUp, TryLater
from equipoise.senders.webhook.addresses import (
    Lookup,
    NotReachable,
    PinnedResolver,
    look_up,
    refusal,
)
from equipoise.senders.webhook.signing import Signer, headers

LATER = frozenset({408, 425, 429})
"""Answers below 500 after which trying again makes sense."""

ANSWER_MOST = 1_048_576
"""The most bytes of an answer that are read; the rest is left, with its connection."""

RETRY_AFTER_MOST_S = 86_400.0
"""The longest wait that a receiver may ask for, in seconds."""

NowS = Callable[[], float]
"""The time in seconds since 1970, handed in for tests."""


class Endpoint(msgspec.Struct, frozen=True):
    """Where webhooks go and in whose name.

    `allowed` names hosts that may be private and reached without TLS; `source` is the CloudEvents
    source, a URI; `timeout_s` bounds one attempt from the look-up to the answer, in seconds.
    """

    url: str
    source: str
    allowed: frozenset[str] = frozenset()
    timeout_s: float = 5.0


def event(action: Action, source: str) -> bytes:
    """The CloudEvent of an action as JSON, the same bytes at every attempt; its id is the key."""
    moment = action.moment
    record = {
        "specversion": "1.0",
        "id": action.key,
        "source": source,
        "type": f"equipoise.action.{action.option.do}",
        "subject": f"d_{action.id}",
        "time": _iso(action.at_ms),
        "datacontenttype": "application/json",
        "data": {
            "decision": f"d_{action.id}",
            "play": action.play,
            "version": action.version,
            "option": action.option.name,
            "do": action.option.do,
            "channel": action.option.channel,
            "handles": [{"kind": h.kind, "value": h.value} for h in action.handles],
            "locale": action.locale,
            "content": action.content,
            "moment": {"id": moment.id, "kind": moment.kind, "at": _iso(moment.at_ms)},
            "until": _iso(action.until_ms),
        },
    }
    return msgspec.json.encode(record, order="sorted")


def check_url(url: str, allowed: frozenset[str]) -> URL:
    """The address of an endpoint; raises `ValueError` where it is not one that may be reached.

    Needed is https and a public host; a host that is allowed by name may be private and use http.
    """
    try:
        made = URL(url)
    except ValueError as wrong:
        raise ValueError(f"webhook.url needs a URL, got {url!r}") from wrong
    host = made.host or ""
    if made.user is not None or made.password is not None:
        raise ValueError("webhook.url must not hold a password: requests are signed instead")
    schemes = ("https", "http") if host in allowed else ("https",)
    if not host or made.scheme not in schemes:
        raise ValueError(
            f"webhook.url needs https:// and a host, got the scheme {made.scheme!r} and the host "
            f"{host!r}; a private host goes into webhook.allow"
        )
    # The resolver never sees a host that is an address already.
    if _is_literal(host) and host not in allowed and (reason := refusal(host)):
        raise ValueError(f"webhook.url must not be reached: {reason}; see webhook.allow")
    return made


def retry_after_s(value: str, now_s: float) -> float:
    """The wait that a `Retry-After` header asks for, in seconds (RFC 9110, 10.2.3); 0 if unreadable."""
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), RETRY_AFTER_MOST_S)
    try:
        wait_s = parsedate_to_datetime(value).timestamp() - now_s
    except (ValueError, OverflowError):
        return 0.0
    return min(max(wait_s, 0.0), RETRY_AFTER_MOST_S)


class Webhook:
    """Posts actions to one endpoint; satisfies `Sender`.

    The connection goes only to addresses that were checked (see `addresses`), follows no redirect,
    takes no proxy from the environment, and reads at most `ANSWER_MOST` bytes of the answer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        signers: Sequence[Signer],
        now_s: NowS = time.time,
        lookup: Lookup = look_up,
    ) -> None:
        self._url = check_url(endpoint.url, endpoint.allowed)
        self._endpoint = endpoint
        self._signers = tuple(signers)
        self._now_s = now_s
        self._lookup = lookup
        self._session: aiohttp.ClientSession | None = None

    def receiver(self, action: Action) -> str:
        """The host that an action goes to; the delivery loop keeps a lane for each."""
        del action
        return self._url.host or ""

    async def send(self, action: Action) -> None:
        """Return on an answer of 2xx; raises `TryLater` with the wait asked for, or `GaveUp`."""
        body = event(action, self._endpoint.source)
        sent = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "user-agent": "Equipoise",
            **headers(action.key, int(self._now_s()), body, self._signers),
        }
        try:
            async with self._open().post(
                self._url, data=body, headers=sent, allow_redirects=False
            ) as answer:
                await self._drain(answer)
                self._settle(answer)
        except (aiohttp.ClientError, TimeoutError) as trouble:
            cause = getattr(trouble, "os_error", None) or trouble
            if isinstance(cause, NotReachable):
                raise GaveUp(str(cause)) from trouble
            raise TryLater(f"no answer from {self._url.host}: {type(cause).__name__}") from trouble

    async def close(self) -> None:
        """Close the connections that are kept for the next action."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=PinnedResolver(self._endpoint.allowed, self._lookup),
                use_dns_cache=False,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._endpoint.timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
            )
        return self._session

    @staticmethod
    async def _drain(answer: aiohttp.ClientResponse) -> None:
        """Read the answer so that its connection can be used again, or drop both if it is long."""
        size = 0
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if size > ANSWER_MOST:
                answer.close()
                return

    def _settle(self, answer: aiohttp.ClientResponse) -> None:
        status = answer.status
        if 200 <= status < 300:
            return
        said = f"{self._url.host} answered {status}"
        if status in LATER or status >= 500:
            wait_s = retry_after_s(answer.headers.get("retry-after", ""), self._now_s())
            raise TryLater(said, wait_s)
        raise GaveUp(said)


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _iso(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
