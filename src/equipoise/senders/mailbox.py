"""A mailbox in memory for the simulated town: mails end here, and no address is ever written to."""

from collections import deque
from collections.abc import Mapping

import msgspec

from equipoise.nouns.decisions import Action
from equipoise.nouns.letters import Letter
from equipoise.ports import GaveUp

NAME = "mailbox"
"""The channel that this sender serves; the town puts it in the place of `email`."""

KEEP_MOST = 500
"""How many mails are kept, the newest."""


class Mail(msgspec.Struct, frozen=True):
    """One mail as it would have left. `at_ms` is when it was decided, `key` its idempotency key.

    A letter that no play decided has the action 0.
    """

    action: int
    key: str
    person: int
    play: str
    to: str
    subject: str
    text: str
    at_ms: int
    locale: str = ""


class Mailbox:
    """Keeps the newest mails; a repeat with a known key is dropped, as a good receiver does."""

    def __init__(self, keep_most: int = KEEP_MOST) -> None:
        self._mails: deque[Mail] = deque(maxlen=keep_most)

    async def send(self, action: Action) -> None:
        """Keep the mail; raises `GaveUp` where the person has no e-mail address."""
        to = next((handle.value for handle in action.handles if handle.kind == "email"), "")
        if not to:
            raise GaveUp(f"action {action.id} has no e-mail address")
        if any(mail.key == action.key for mail in self._mails):
            return
        content = action.content
        self._mails.append(
            Mail(
                action.id,
                action.key,
                action.person,
                action.play,
                to,
                content.get("subject") or content.get("title", ""),
                "\n\n".join(content[p] for p in ("body", "personalised_price") if content.get(p)),
                action.at_ms,
                action.locale,
            )
        )

    async def post(self, letter: Letter) -> None:
        """Keep a letter that no play decided; its action is 0."""
        self._mails.append(
            Mail(
                0,
                letter.key,
                letter.person,
                "",
                letter.to,
                letter.subject,
                letter.text,
                letter.at_ms,
                letter.locale,
            )
        )

    async def close(self) -> None:
        """Nothing is held open; the mails stay readable."""

    def mails(self, most: int = KEEP_MOST) -> list[Mail]:
        """The newest mails, newest first."""
        return list(self._mails)[: -most - 1 : -1]

    def mail(self, key: str) -> Mail | None:
        """The mail with this key, while it is kept."""
        return next((mail for mail in self._mails if mail.key == key), None)


def make(settings: Mapping[str, str]) -> Mailbox:
    """An empty mailbox; it needs no setting."""
    del settings
    return Mailbox()
