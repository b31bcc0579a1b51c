"""Magic links: a token that is good once, for ten minutes, in the browser that asked for it.

Tokens, nonces and codes are kept as SHA-256 alone, and in memory alone: what is on disk never says
who asked for a link.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable

import msgspec

from equipoise.nouns.events import Handle

TOKEN_BYTES = 32
"""A token and a nonce have 256 random bits each."""

LINK_S = 600.0
"""A link is good for this many seconds."""

CODE_DIGITS = 8
"""A code to type has this many digits: 26 bits, of which five may be tried (OWASP ASVS 6.5.4)."""

TRIES = 5
LINKS_MOST = 10_000


class _Link(msgspec.Struct):
    handle: Handle
    nonce: str
    code: str
    born_s: float
    tries: int = 0


class Links:
    """Every link that is still open, by the digest of its token."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._links: dict[str, _Link] = {}

    def issue(self, handle: Handle, nonce: str) -> tuple[str, str]:
        """A new link for a handle and a browser: its token, and the code to type instead."""
        self._sweep()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        self._links[digest(token)] = _Link(
            handle, digest(nonce), digest(f"{nonce}|{code}"), self._seconds()
        )
        return token, code

    def redeem(self, token: str, nonce: str) -> Handle | None:
        """The handle that a token proves, once; None where it is spent, old or of another browser.

        Another browser does not spend it: a mail scanner that posts would lock the person out.
        """
        link = self._links.get(digest(token))
        if link is None or not self._open(link):
            return None
        if not nonce or not hmac.compare_digest(link.nonce, digest(nonce)):
            return None
        del self._links[digest(token)]
        return link.handle

    def redeem_code(self, code: str, nonce: str) -> Handle | None:
        """The handle that a typed code proves in the browser that asked; five tries, then none."""
        if not nonce:
            return None
        mine, said = digest(nonce), digest(f"{nonce}|{code}")
        for name, link in list(self._links.items()):
            if link.nonce != mine or not self._open(link):
                continue
            if hmac.compare_digest(link.code, said):
                del self._links[name]
                return link.handle
            link.tries += 1
            if link.tries >= TRIES:
                del self._links[name]
        return None

    def _open(self, link: _Link) -> bool:
        return self._seconds() - link.born_s <= LINK_S

    def _sweep(self) -> None:
        for name in [name for name, link in self._links.items() if not self._open(link)]:
            del self._links[name]
        while len(self._links) >= LINKS_MOST:
            del self._links[next(iter(self._links))]


def digest(secret: str) -> str:
    """The SHA-256 of a secret of 128 random bits or more, in hex.

    >>> len(digest("a"))
    64
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
