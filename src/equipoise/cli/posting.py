"""Events over HTTP to an engine that runs: as calls of the tracking wire, repeated until they are kept."""

import http.client
import time
from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime
from gzip import compress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from equipoise.cli.speaking import Exit, Trouble

if TYPE_CHECKING:
    from equipoise.nouns.events import Event

TRIES = 6
BATCH_BYTES = 400_000
"""How many bytes of items one request holds, under the limit of the door."""


class _Rejected(msgspec.Struct):
    code: str


class _Taken(msgspec.Struct):
    rejected: list[_Rejected] = []


_taken = msgspec.json.Decoder(_Taken).decode


class Poster:
    """Posts chunks of events; an answer that says "later" is waited for. Raises `Trouble`."""

    def __init__(self, url: str, key: str, *, live: bool) -> None:
        address = urlsplit(url if "://" in url else f"http://{url}")
        if address.scheme not in ("http", "https") or not address.hostname:
            raise Trouble(f"--url {url!r}: needs an address such as http://127.0.0.1:8080")
        if not key:
            raise Trouble("--url needs --key with a server write key, or EQUIPOISE_WRITE_KEY")
        self._https = address.scheme == "https"
        self._host, self._port = address.hostname, address.port
        self._path = address.path.rstrip("/") + ("/v1/batch" if live else "/v1/import")
        self._headers = {
            "Authorization": "Basic " + b64encode(f"{key}:".encode()).decode(),
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }

    def take_in(self, events: "list[Event]") -> Counter[str]:
        """Return once all of these events are on the engine's disk; what it refused, by reason."""
        refused: Counter[str] = Counter()
        batch: list[bytes] = []
        size = 0
        for event in events:
            item = msgspec.json.encode(call_of(event))
            if batch and size + len(item) > BATCH_BYTES:
                refused += self._post(batch)
                batch, size = [], 0
            batch.append(item)
            size += len(item)
        return refused + self._post(batch) if batch else refused

    def _post(self, items: list[bytes]) -> Counter[str]:
        body = compress(b'{"batch":[' + b",".join(items) + b"]}", 1)
        told = ""
        for attempt in range(TRIES):
            wait_s = 0.5 * 2**attempt
            try:
                status, text, after = self._ask(body)
            except (OSError, http.client.HTTPException) as error:
                told = str(error)
            else:
                if status == 200:
                    return Counter(one.code for one in _taken(text).rejected)
                told = f"{status}: {text[:500]}"
                if status not in (429, 500, 502, 503, 504):
                    raise Trouble(f"{self._host}: the engine refuses it: {told}")
                wait_s = float(after) if after.isdigit() else wait_s
            if attempt + 1 < TRIES:
                time.sleep(min(wait_s, 30.0))
        raise Trouble(
            f"{self._host}:{self._port}: does not take it ({told}). The same command goes on later",
            Exit.IN_THE_WAY,
        )

    def _ask(self, body: bytes) -> tuple[int, str, str]:
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=30)
        try:
            connection.request("POST", self._path, body, self._headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return answer.status, text, answer.getheader("Retry-After", "")
        finally:
            connection.close()


def call_of(event: "Event") -> dict[str, Any]:
    """The track call that the door reads as this event."""
    handles = {handle.kind: handle.value for handle in event.handles}
    traits = {kind: handles[kind] for kind in ("email", "phone", "card") if kind in handles}
    context: dict[str, Any] = {"channel": event.channel, "traits": traits}
    if "device" in handles:
        context["device"] = {"id": handles["device"]}
    happened = datetime.fromtimestamp(event.at_ms / 1000, UTC).isoformat()
    call = {
        "type": "track",
        "event": event.kind,
        "messageId": event.id,
        "timestamp": happened,
        "properties": event.facts,
        "context": context,
    }
    if "user_id" in handles:
        call["userId"] = handles["user_id"]
    if "anonymous_id" in handles:
        call["anonymousId"] = handles["anonymous_id"]
    return call
