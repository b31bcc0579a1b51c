"""Many options in one record: a command that takes a record offers its fields on the command line."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its last parameter, a dataclass, as options of their own.

    Each field is annotated as a parameter of a Typer command would be, and has a default.
    """
    *own, record = inspect.signature(command, eval_str=True).parameters.values()
    fields = list(inspect.signature(record.annotation, eval_str=True).parameters.values())
    names = [field.name for field in fields]

    @wraps(command)
    def spread_out(**given: Any) -> None:
        chosen = record.annotation(**{name: given.pop(name) for name in names})
        command(**given, **{record.name: chosen})

    parameters = [*own, *fields]
    spread_out.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect reads
        [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    )
    spread_out.__annotations__ = {one.name: one.annotation for one in parameters}
    return spread_out
