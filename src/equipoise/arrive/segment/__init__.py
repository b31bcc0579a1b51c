"""The Segment tracking wire: a request's body is checked at the door and parsed in the step."""

from equipoise.arrive.segment.checking import BadBody, Checked, Limits, Rejected, check
from equipoise.arrive.segment.envelope import Call, Envelope, unwrap, wrap
from equipoise.arrive.segment.parsing import parse
from equipoise.arrive.segment.rules import REFUSALS

__all__ = [
    "REFUSALS",
    "BadBody",
    "Call",
    "Checked",
    "Envelope",
    "Limits",
    "Rejected",
    "check",
    "parse",
    "unwrap",
    "wrap",
]
