"""Settings in, a house out: the one place where ports meet adapters.

`library` composes the engine of one process, `serving` the house behind a door, `frames` its past as
data frames, and `python -m equipoise.compose` is the step process that a door starts.
"""

from equipoise.compose import frames
from equipoise.compose.library import Engine

__all__ = ["Engine", "frames"]
