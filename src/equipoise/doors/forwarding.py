"""Who asks, where a proxy stands in front: the address that it forwards, if it is one that we believe."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

MOST = 20
"""The most hops that are read; more are no honest chain."""


def forwarded(app: ASGIApp, proxies: Collection[str]) -> ASGIApp:
    """An application to which a request of a believed proxy comes from where the proxy says.

    The chain is read from its end, past every believed proxy, to the first address that nobody
    vouches for: what a stranger writes in front of it counts for nothing.
    """

    async def app_behind(scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if scope["type"] == "http" and client and client[0] in proxies:
            hops = [
                hop.strip()
                for name, value in scope["headers"]
                if name == b"x-forwarded-for"
                for hop in value.decode("latin-1").split(",")
            ][-MOST:]
            strange = [hop for hop in hops if hop and hop not in proxies]
            if strange:
                scope = {**scope, "client": (strange[-1][:64], 0)}
        await app(scope, receive, send)

    return app_behind if proxies else app
