"""A person's copy made in a process of its own, so that neither door nor step waits for it.

`python -m equipoise.compose.copying PERSON` takes the settings as JSON on its standard input, and gives the
archive on its standard output. Exit code 3: there is no such person, or not any more.
"""

import os
import sys

import msgspec

from equipoise.account.note import NoteSigner
from equipoise.compose.exporting import Exporter, NobodyHere
from equipoise.compose.library import keyring_of
from equipoise.compose.witnesses import publisher_of
from equipoise.settings import Settings
from equipoise.stores import open_store

NICE = 5
"""How much less urgent than the engine a copy is, as `nice` has it."""

NOBODY = 3
"""The exit code where there is no such person."""


def copy_of(settings: Settings, person: int) -> bytes:
    """The archive (zip) of one person, read from the store beside its engine.

    Raises `NobodyHere`, `StoreError` or `KeyringError`.
    """
    url = settings.text("store")
    key = NoteSigner(settings.text("origin"), keyring_of(url, settings).ledger).key
    store, intake = open_store(url, "reader")
    try:
        return Exporter(store, settings, publisher_of(settings, store, key)).archive(person)
    finally:
        store.close()
        intake.close()


def main(person: int) -> int:
    """Write the archive of one person to standard output; returns the exit code."""
    try:
        archive = copy_of(Settings(msgspec.json.decode(sys.stdin.buffer.read())), person)
    except NobodyHere:
        return NOBODY
    sys.stdout.buffer.write(archive)
    return 0


if __name__ == "__main__":
    os.nice(NICE)
    sys.exit(main(int(sys.argv[1])))
