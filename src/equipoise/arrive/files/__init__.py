"""Files of the past: CSV, JSON Lines and Parquet become events, or decisions to rehearse on."""

from equipoise.arrive.files.decision_mapping import DecisionMapping, read_decision_mapping
from equipoise.arrive.files.decisions import DecisionLog, codes_of, read_decisions
from equipoise.arrive.files.mapping import Mapping, MappingError, read_mapping
from equipoise.arrive.files.reading import Chunk, digest_of, read_events
from equipoise.arrive.files.rows import FileError

__all__ = [
    "Chunk",
    "DecisionLog",
    "DecisionMapping",
    "FileError",
    "Mapping",
    "MappingError",
    "codes_of",
    "digest_of",
    "read_decision_mapping",
    "read_decisions",
    "read_events",
    "read_mapping",
]
