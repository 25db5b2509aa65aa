"""Formats log events with structlog: one line on stderr each, as JSON or for a person.

The relay's own events come with fields that are safe by their type (:mod:`relay.log`). Of all other
records, a library's, only the place is line, since their words may be anybody's.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from relay.log import LIBRARY_SPOKE, LOG_LINES_DROPPED, fields_of, record_of

DEEPEST = 5
"""Stack frames of an error in its line, the innermost first."""


def to_stderr(level: str, form: str | None) -> logging.Handler:
    """Have the log, from *level* up, written to stderr: ``json``, ``console``, or as fits it.

    Returns the handler that writes it.
    """
    if form is None:
        form = "console" if sys.stderr.isatty() else "json"
    renderer = _for_people() if form == "console" else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[_told],
            processors=[ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler])
    return handler


def gap_line(handler: logging.Handler, dropped: int) -> str:
    """Return the line of *handler* that stands for *dropped* lines; none at a level above it."""
    if LOG_LINES_DROPPED.level < logging.root.level:
        return ""
    return f"{handler.format(record_of(LOG_LINES_DROPPED, count=dropped))}\n"


def _for_people() -> structlog.dev.ConsoleRenderer:
    # Colours only where they are drawn; the order is that of the fields in the list of events.
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), sort_keys=False, timestamp_key="time", pad_event_to=0
    )


def _told(
    _logger: object, _method: str, made: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Return the fields of the record in *made*, without its message and that of its error."""
    record: logging.LogRecord = made["_record"]
    at = datetime.fromtimestamp(record.created, UTC)
    line: MutableMapping[str, Any] = {
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
    line["_record"], line["_from_structlog"] = record, False
    return line


def _error(error: BaseException) -> dict[str, str]:
    """Return the kind of *error* and where it was raised; its message may be anybody's words."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    return {"error": type(error).__name__, "where": " < ".join(places)}
