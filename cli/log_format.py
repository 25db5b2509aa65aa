"""Formats log events: one line on stderr each, as JSON or, with structlog, for a person.

The relay's own events come with fields that are safe by their type (:mod:`relay.log`). Of all other
records, a library's, only the place is line, since their words may be anybody's.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from relay.log import LIBRARY_SPOKE, LOG_LINES_DROPPED, fields_of, record_of

DEEPEST = 5
"""Stack frames of an error in its line, the innermost first."""


def to_stderr(level: str, form: str | None) -> logging.Handler:
    """Have the log, from *level* up, written to stderr: ``json``, ``console``, or as fits it.

    Returns the handler that writes it.
    """
    if form is None:
        form = "console" if sys.stderr.isatty() else "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(_for_people() if form == "console" else json.dumps))
    logging.basicConfig(level=level, handlers=[handler])
    return handler


def gap_line(handler: logging.Handler, dropped: int) -> str:
    """Return the line of *handler* that stands for *dropped* lines; none at a level above it."""
    if LOG_LINES_DROPPED.level < logging.root.level:
        return ""
    return f"{handler.format(record_of(LOG_LINES_DROPPED, count=dropped))}\n"


class LineFormatter(logging.Formatter):
    """Formats a record as one line without its message and that of its error."""

    def __init__(self, render: Callable[[dict[str, Any]], str]) -> None:
        """Write the fields of each record as *render* does."""
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of *record*."""
        return self._render(_fields(record))


def _for_people() -> Callable[[dict[str, Any]], str]:
    # It loads Rich, for which a relay whose log machines read need not wait.
    from structlog.dev import ConsoleRenderer

    # Colours only where they are drawn; the order is that of the fields in the list of events.
    renderer = ConsoleRenderer(
        colors=sys.stderr.isatty(), sort_keys=False, timestamp_key="time", pad_event_to=0
    )
    return lambda fields: str(renderer(None, "", fields))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC)
    line: dict[str, Any] = {
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": record.msg,
    }
    fields = fields_of(record)
    if fields is None:
        place = f"{record.module}:{record.lineno}"
        line.update(event=LIBRARY_SPOKE.name, logger=record.name, where=place)
    else:
        line.update((name, value) for name, value in fields.items() if value is not None)
    if record.exc_info and record.exc_info[1]:
        line.update(_error(record.exc_info[1]))
    return line


def _error(error: BaseException) -> dict[str, str]:
    """Return the kind of *error* and where it was raised; its message may be anybody's words."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    return {"error": type(error).__name__, "where": " < ".join(places)}
