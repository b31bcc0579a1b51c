"""Files of a published ledger, from an address or a folder, read in bounded pieces."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from equipoise.account.outside import MAX_FILE_BYTES, Fetch
from equipoise.cli.speaking import Exit, Trouble

WAIT_S = 20.0
"""The longest that one answer may take to begin."""


def is_address(place: str) -> bool:
    """Whether a place is the address of a running instance, rather than a path."""
    return place.startswith(("http://", "https://"))


@contextmanager
def fetching(place: str) -> Iterator[Fetch]:
    """Fetches the published files of a ledger, by its address or from its folder.

    Raises `Trouble`; what is fetched raises it too where nobody answers.
    """
    if is_address(place):
        remote = Remote(place)
        try:
            yield remote.get
        finally:
            remote.close()
        return
    folder = Path(place)
    if not folder.is_dir():
        raise Trouble(f"{place}: needs an address (http://...) or a folder of published tiles")

    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    yield read


class Remote:
    """A running instance. One connection is kept; what is not there is None; no redirect is followed."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        if not address.hostname:
            raise Trouble(f"{url!r}: needs an address such as https://shop.example")
        kind = http.client.HTTPSConnection if address.scheme == "https" else None
        self._url = url
        self._prefix = address.path.rstrip("/")
        self._connection = (kind or http.client.HTTPConnection)(
            address.hostname, address.port, timeout=WAIT_S
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str) -> bytes | None:
        """The bytes under a path, or None where the instance has none. Raises `Trouble`."""
        status, body = self.ask("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise Trouble(
                f"{self._url}: answers {status} to {path}. Is this the address of an Equipoise "
                "instance, as its console shows it?",
                Exit.IN_THE_WAY,
            )
        return body

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The status and body of one answer. Raises `Trouble` where none comes."""
        try:
            return self._once(method, path, body)
        except (OSError, http.client.HTTPException):
            # The other side may have closed a connection that stood idle.
            self._connection.close()
        try:
            return self._once(method, path, body)
        except ssl.SSLError as fault:
            raise Trouble(f"{self._url}: its certificate does not hold ({fault})") from None
        except (OSError, http.client.HTTPException) as fault:
            self._connection.close()
            raise Trouble(f"{self._url}: does not answer ({fault})", Exit.IN_THE_WAY) from None

    def _once(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        self._connection.request(method, f"{self._prefix}/{path}", body)
        answer = self._connection.getresponse()
        came = answer.read(MAX_FILE_BYTES + 1)
        if len(came) > MAX_FILE_BYTES:
            self._connection.close()
            raise Trouble(f"{self._url}: {path} has more than {MAX_FILE_BYTES} bytes")
        return answer.status, came
