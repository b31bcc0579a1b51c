"""The process that steps: it walks what the door made durable, commits, and answers.

It is started by the door with one end of a socket. A byte from the door means "there is more"; the
door's end closing means "stop". It writes the store and only reads the intake.
"""

import gc
import select
import socket

from equipoise.ports import Intake
from equipoise.runners.frames import Walked, frame
from equipoise.runners.walking import Walker

IDLE_S = 0.5
"""How long it waits without being woken before it looks again, in seconds."""


def calm_collector() -> None:
    """Let the garbage collector look seldom at what lives long.

    A step keeps tens of thousands of states in memory, which hold no cycles; looking through all of
    them again and again took an eighth of its time, in pauses.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)


def step_until_closed(walker: Walker, intake: Intake, door: socket.socket, most_bytes: int) -> None:
    """Walk and answer until the door closes its end of the socket."""
    door.setblocking(True)  # noqa: FBT003 - the standard library's own spelling
    door.sendall(
        frame(Walked(walker.position.cursor, walker.store.next_due_ms(), {}, walker.take_wipe()))
    )
    while True:
        rows = intake.read(walker.position.cursor, most_bytes)
        if rows:
            replies = walker.walk(rows)
            due_ms = walker.store.next_due_ms()
            door.sendall(frame(Walked(walker.position.cursor, due_ms, replies, walker.take_wipe())))
            continue
        ready, _, _ = select.select([door], [], [], IDLE_S)
        if ready and not door.recv(65_536):
            return
