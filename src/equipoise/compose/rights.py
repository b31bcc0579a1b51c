"""What the step is handed for requests: how a decision is made again, and where the erased are kept."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from equipoise.compose.replaying import CannotReplay, replay
from equipoise.compose.tombstones import Tombstones
from equipoise.engine import Engine
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.remember.view import View
from equipoise.rights.shares import recipients
from equipoise.runners.righting import RightHabits


def tombstones_beside(keys: Path | None, digests: bytes) -> Tombstones | None:
    """The file of the erased beside a key file: `shop.erased` for `shop.keys`; None in memory."""
    return None if keys is None else Tombstones(keys.with_suffix(".erased"), digests)


def right_habits(engine: Engine, store: Store, stones: Tombstones | None) -> RightHabits:
    """What the step over this store needs to carry requests out."""

    def again(receipt: Mapping[str, Any], state: PersonState) -> str:
        view = View(state, int(receipt["at_ms"]), engine.rules)
        try:
            replayed = replay(receipt, store, view, engine.learnt)
        except CannotReplay as missing:
            return f"cannot: {missing}"
        return "same" if replayed.same else f"differs: {'; '.join(replayed.differs)}"

    def given(atoms: Sequence[int]) -> tuple[str, ...]:
        return tuple(one.name for one in recipients(store.share_reads_of(atoms)))

    if stones is None:
        return RightHabits(replay=again, recipients=given)
    return RightHabits(replay=again, recipients=given, entomb=stones.entomb, gone=stones.gone)
