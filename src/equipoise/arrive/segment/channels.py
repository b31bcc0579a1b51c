"""On which channel something happened: what the item says of it, or what its library is for."""

from functools import lru_cache

from equipoise.nouns.events import Trust

CHANNELS: dict[str, str] = {
    "web": "web",
    "website": "web",
    "site": "web",
    "browser": "web",
    "app": "app",
    "mobile": "app",
    "ios": "app",
    "android": "app",
    "shop": "shop",
    "store": "shop",
    "in-store": "shop",
    "in_store": "shop",
    "retail": "shop",
    "pos": "shop",
    "server": "server",
    "sources": "server",
    "staff": "staff",
    "sales": "staff",
    "email": "email",
    "mail": "email",
    "sms": "sms",
    "push": "push",
    "phone": "phone",
    "call": "phone",
    "call_centre": "phone",
    "call_center": "phone",
    "social": "social",
    "thing": "thing",
    "iot": "thing",
    "page": "page",
    "webhook": "webhook",
}
"""What senders call a channel, in lower case, and what it is called here."""

_APPS = ("ios", "swift", "android", "kotlin", "react-native", "flutter", "unity", "cordova")
_SITES = ("analytics-next", "analytics.js", "javascript", "rudder-js", "amp")


def channel_of_library(name: str) -> str:
    """`app`, `web` or `server`, by the name of a client library."""
    name = name.lower()
    if any(mark in name for mark in _APPS):
        return "app"
    return "web" if any(mark in name for mark in _SITES) else "server"


@lru_cache(maxsize=4096)
def channel_of(said: tuple[str | None, ...], library: str | None, call: str, trust: Trust) -> str:
    """The first of what was `said` that is in the table; else by library, type of call and key.

    `said` is, the most telling first: `properties.channel`, `context.channel`, `channel`.
    """
    for word in said:
        if word and (found := CHANNELS.get(word.lower())):
            return found
    if library:
        return channel_of_library(library)
    if call == "screen":
        return "app"
    return "web" if trust == "public" or call == "page" else "server"
