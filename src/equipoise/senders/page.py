"""What the site shows: a channel that fetches. Its actions wait in the outbox until a page asks.

There is nothing to carry out here: the page's request is walked as a row of the log, and what it was
shown counts as sent. This sender only stands on the list, and says so if something tries to push.
"""

from collections.abc import Mapping

from equipoise.nouns.decisions import Action
from equipoise.ports import GaveUp

NAME = "page"
"""The channel that this sender serves."""


class Page:
    """A marker for the channel `page`; satisfies `Sender` but never sends."""

    async def send(self, action: Action) -> None:
        """Raise `GaveUp`: nothing can be pushed onto a page."""
        raise GaveUp(f"action {action.id} waits for its page to ask; a page cannot be sent to")

    async def close(self) -> None:
        """Nothing is held open."""


def make(settings: Mapping[str, str]) -> Page:
    """The marker; it needs no setting."""
    del settings
    return Page()
