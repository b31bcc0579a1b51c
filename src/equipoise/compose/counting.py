"""Counts people for a share in a process of its own: `python -m equipoise.compose.counting`.

Takes its work as MessagePack on standard input, and gives the counts by the names of their questions.
"""

import os
import sys

import msgspec

from equipoise.compose.library import rules_of
from equipoise.compose.shares import CountWork, count
from equipoise.settings import Settings
from equipoise.stores import open_store

NICE = 5
"""How much less urgent than the engine counting is, as `nice` has it."""


def counts(work: CountWork) -> dict[str, int]:
    """How many people fulfil each question of the work, in the store that its settings name."""
    settings = Settings(work.settings)
    store, intake = open_store(settings.text("store"), "reader")
    try:
        return count(store, work.share, work.names, rules_of(settings), work.now_ms)
    finally:
        store.close()
        intake.close()


if __name__ == "__main__":
    os.nice(NICE)
    told = counts(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=CountWork))
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))
