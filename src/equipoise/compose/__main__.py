"""The step process: settings from standard input, the door on an inherited socket."""

import contextlib
import signal
import socket
import sys

import msgspec

from equipoise.compose.library import build_walker, keyring_of, keyring_path
from equipoise.compose.rights import tombstones_beside
from equipoise.runners.stepper import calm_collector, step_until_closed
from equipoise.settings import Settings
from equipoise.stores import open_store


def main(door: int) -> None:
    """Walk what the door makes durable until it closes its end of the socket numbered `door`."""
    # Ctrl-C and a service manager tell the whole group; the door ends first, and its socket ends this.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    settings = Settings(msgspec.json.decode(sys.stdin.buffer.read()))
    url = settings.text("store")
    store, intake = open_store(url, "step")
    keyring = keyring_of(url, settings)
    stones = tombstones_beside(keyring_path(url, settings), keyring.digests)
    walker = build_walker(settings, keyring, store, stones=stones)
    calm_collector()
    # Where the door is gone before it was answered, the commit stands and there is nobody to tell.
    with socket.socket(fileno=door) as end, contextlib.suppress(ConnectionError):
        step_until_closed(walker, intake, end, settings.whole("step.bytes"))
    intake.close()
    store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
