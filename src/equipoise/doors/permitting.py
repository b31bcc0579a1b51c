"""Who may send a command: a server key by POST, and nobody else."""

from collections.abc import Callable

from starlette.types import Scope

from equipoise.doors import keys
from equipoise.doors.answers import Refusal
from equipoise.nouns.events import Source


def server_key(scope: Scope, sources: Callable[[str], Source | None]) -> Source:
    """The server key that a command came with; raises `Refusal` (405, 401, 403). `sources` knows the keys."""
    if scope["method"] != "POST":
        told = f"this path takes POST, not {scope['method']}"
        raise Refusal(405, "method_not_allowed", told, [(b"allow", b"POST")])
    authorization = dict(scope["headers"]).get(b"authorization")
    key = keys.key_in_header(authorization) or keys.bearer_token(authorization)
    source = sources(key) if key else None
    if source is None:
        raise Refusal(
            401, "unknown_key", "a server write key is needed, in the header Authorization"
        )
    if source.trust != "server":
        raise Refusal(403, "source_not_trusted", "a server key is needed; this one is public")
    return source
