"""A seeded town that lives with an engine: people, a shop, a site, an app, a help desk. Nobody is real."""

from pathlib import Path

from equipoise.testing.town.calls import SOURCES, Call, Request, requests_of
from equipoise.testing.town.town import Town

PLAYS = Path(__file__).parent.parent / "plays"
"""The folder of the town's plays."""

__all__ = ["PLAYS", "SOURCES", "Call", "Request", "Town", "requests_of"]
