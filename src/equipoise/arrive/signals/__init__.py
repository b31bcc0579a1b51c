"""Signals of a person's software: Sec-GPC, ADPC and TCF strings, read bounded and told as events."""

from equipoise.arrive.signals.adpc import Adpc, read_adpc
from equipoise.arrive.signals.gpc import says_gpc
from equipoise.arrive.signals.tcf import NotATCString, TCString, allows, read_tc
from equipoise.arrive.signals.telling import Heard, Meaning, Notice, Speaker, events_of

__all__ = [
    "Adpc",
    "Heard",
    "Meaning",
    "NotATCString",
    "Notice",
    "Speaker",
    "TCString",
    "allows",
    "events_of",
    "read_adpc",
    "read_tc",
    "says_gpc",
]
