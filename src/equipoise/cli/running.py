"""One command line from its words to its exit code: who answers, and how errors are told."""

import errno
from collections.abc import Sequence

from equipoise.cli.speaking import Exit, Trouble, complain


def run(words: Sequence[str]) -> int:
    """Run the command that the words name; errors that are expected end as one sentence.

    What is not expected passes through with its traceback: that is a fault of ours to be reported.
    """
    from equipoise.cli.commands import app

    try:
        app(args=list(words), prog_name="equipoise")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except _expected() as error:
        complain(_told(error))
        return int(_code(error))
    return int(Exit.WELL)


def _expected() -> tuple[type[BaseException], ...]:
    """Errors that tell their own remedy. Loaded only once something has gone wrong."""
    from equipoise.account.refusal import LedgerRefused
    from equipoise.arrive.files import FileError, MappingError
    from equipoise.learn.rehearsal import LogMistake
    from equipoise.plays.lines import PlayMistakes
    from equipoise.runners.choosing import CannotRehearse
    from equipoise.settings import SettingsError
    from equipoise.stores import StoreError
    from equipoise.stores.keyring import KeyringError

    told = (SettingsError, KeyringError, StoreError, PlayMistakes, LedgerRefused)
    return (Trouble, *told, FileError, MappingError, LogMistake, CannotRehearse, OSError)


def _told(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _code(error: BaseException) -> Exit:
    """The exit code of an error: 3 where waiting or making room helps, else 2."""
    from equipoise.stores import StoreBusy, StoreFull

    if isinstance(error, Trouble):
        return error.code
    busy = isinstance(error, OSError) and error.errno in (
        errno.EADDRINUSE,
        errno.ENOSPC,
        errno.ECONNREFUSED,
    )
    return Exit.IN_THE_WAY if busy or isinstance(error, StoreBusy | StoreFull) else Exit.NOT_SO
