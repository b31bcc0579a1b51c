"""Which models are in force: versions as they enter the log, each named by its hash."""

import logging
from collections.abc import Callable
from hashlib import sha256

import msgspec

from equipoise.engine import Engine
from equipoise.learnt import Learnt
from equipoise.nouns.changes import LogRow
from equipoise.nouns.events import IntakeRow
from equipoise.nouns.lessons import ModelRow
from equipoise.nouns.records import ModelVersion
from equipoise.nouns.sheet import PLACES
from equipoise.ports import Store
from equipoise.runners.step import Step

_log = logging.getLogger("equipoise.step")

ReadModel = Callable[[str, bytes, Learnt], None]
"""Decode a model by its name and body and put it into force; raises `ValueError` with what to do."""


def no_model(name: str, body: bytes, learnt: Learnt) -> None:  # noqa: ARG001 - it stands in for a `ReadModel`
    """For a house that learns nothing: every model is turned away."""
    raise ValueError(f"model {name!r}: this house was not given a reader of models")


class School:
    """The newest version of every model, put into force at the start and as new ones come."""

    def __init__(self, engine: Engine, store: Store, read_model: ReadModel) -> None:
        self._engine = engine
        self._read_model = read_model
        self.unreadable: dict[str, str] = {}
        for row in store.models():
            try:
                read_model(row.name, row.body, engine.learnt)
            except ValueError as error:
                # Written by another release: the play decides as before it had learnt, and we say so.
                self.unreadable[row.name] = str(error)
                _log.error("a model in the log cannot be read here", extra={"model": row.name})

    def enter(self, row: IntakeRow, version: ModelVersion, step: Step) -> list[ModelRow]:
        """A version of a model enters the log; one that cannot be read changes nothing."""
        digest = sha256(version.body).hexdigest()
        try:
            if digest != version.sha256:
                raise ValueError(
                    f"model {version.name!r}: its body has the SHA-256 {digest}, not "
                    f"{version.sha256}. Send it again"
                )
            self._read_model(version.name, version.body, self._engine.learnt)
        except ValueError as error:
            step.replies[row.id] = msgspec.json.encode({"ok": False, "reason": str(error)})
            return []
        step.seq += PLACES
        header = msgspec.json.encode({"name": version.name, "sha256": version.sha256})
        step.sheet.log.append(LogRow(step.seq, 0, 0, "model", header))
        step.sheet.count("models")
        step.replies[row.id] = msgspec.json.encode({"ok": True, "version": digest})
        return [ModelRow(version.name, digest, step.seq, row.received_ms, version.body)]
