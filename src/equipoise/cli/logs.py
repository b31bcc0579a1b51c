"""What a running house says: readable lines at a terminal, JSON lines for everything else."""

import logging
import sys

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
"""The words of the setting `log.level`."""


def speak_in(level: str) -> None:
    """Send every log line to standard error, from this level on. Lines hold no personal data.

    Raises `SettingsError` on a level that there is not.
    """
    import structlog

    from equipoise.settings import SettingsError

    if level not in LEVELS:
        raise SettingsError(f"setting log.level needs one of {', '.join(LEVELS)}, got {level!r}.")
    at_terminal = sys.stderr.isatty()
    lines = (
        structlog.dev.ConsoleRenderer()
        if at_terminal
        else structlog.processors.JSONRenderer(sort_keys=False)
    )
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(
            fmt="%H:%M:%S" if at_terminal else "iso", utc=not at_terminal
        ),
    ]
    if not at_terminal:
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, lines],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
