"""The step process: settings from standard input, the door on an inherited socket."""

import socket
import sys

import msgspec

from equipoise.compose.library import build_walker, keyring_of
from equipoise.runners.stepper import step_until_closed
from equipoise.settings import Settings
from equipoise.stores import open_store


def main(door: int) -> None:
    """Walk what the door makes durable until it closes its end of the socket numbered `door`."""
    settings = Settings(msgspec.json.decode(sys.stdin.buffer.read()))
    url = settings.text("store")
    store, intake = open_store(url, "step")
    walker = build_walker(settings, keyring_of(url, settings), store)
    with socket.socket(fileno=door) as end:
        step_until_closed(walker, intake, end, settings.whole("step.bytes"))
    intake.close()
    store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
