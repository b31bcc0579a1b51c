"""Files of the past: CSV, JSON Lines and Parquet become events by a small mapping."""

from equipoise.arrive.files.mapping import Mapping, MappingError, read_mapping
from equipoise.arrive.files.reading import Chunk, digest_of, read_events
from equipoise.arrive.files.rows import FileError

__all__ = [
    "Chunk",
    "FileError",
    "Mapping",
    "MappingError",
    "digest_of",
    "read_events",
    "read_mapping",
]
