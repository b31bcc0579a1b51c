"""A house that asks its witnesses by itself: it hands each its newest head, as C2SP tlog-witness says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from equipoise.account.publishing import Publisher
from equipoise.account.refusal import LedgerRefused
from equipoise.account.witness import write_asked

Post = Callable[[str, str], Awaitable[tuple[int, str]]]
"""Posts a text to an address; the status and text of the answer. Raises `OSError` where none comes."""

PERIOD_S = 10.0
"""How often witnesses are asked, in seconds."""

_log = structlog.get_logger("equipoise.witness")


class Asked(msgspec.Struct):
    """One witness that is asked: its address, what it signed last, and what was said of it last."""

    url: str
    size: int = 0
    note: str = ""
    trouble: str = ""


class Asking:
    """Asks each witness when there is a new head; one that does not answer holds nothing up."""

    def __init__(self, publisher: Publisher, urls: Sequence[str], post: Post) -> None:
        self.witnesses = [Asked(url.rstrip("/")) for url in urls]
        """Whom it asks, and how that went."""
        self._publisher = publisher
        self._post = post

    async def run(self) -> None:
        """Ask, every ten seconds, until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(PERIOD_S)

    async def once(self) -> None:
        """Ask everybody who has not signed the newest head."""
        note = self._publisher.newest()
        if note:
            late = [one for one in self.witnesses if one.note != note]
            await asyncio.gather(*map(self._ask, late))

    async def _ask(self, witness: Asked) -> None:
        try:
            await self._hand_in(witness)
            trouble = ""
        except (LedgerRefused, OSError) as fault:
            trouble = str(fault) or type(fault).__name__
        if trouble and trouble != witness.trouble:
            _log.warning("a witness did not sign", witness=witness.url, why=trouble)
        witness.trouble = trouble

    async def _hand_in(self, witness: Asked) -> None:
        """Hand the newest head in; where the witness stands elsewhere, once more from there."""
        asked = self._publisher.ask(witness.size)
        status, text = await self._post(f"{witness.url}/add-checkpoint", write_asked(asked))
        if status == 409 and text.strip().isdecimal() and len(text) < 20:
            witness.size = int(text)
            asked = self._publisher.ask(witness.size)
            status, text = await self._post(f"{witness.url}/add-checkpoint", write_asked(asked))
        if status != 200:
            raise LedgerRefused(f"it answers {status}: {text.strip()[:200]}")
        self._publisher.witness(asked.note + text)
        witness.note = asked.note
        # Where it stands now is the size of this head; a wrong guess costs one answer of 409.
        witness.size = int(asked.note.split("\n")[1])
