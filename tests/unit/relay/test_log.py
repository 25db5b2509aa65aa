"""Log events: names in the past tense, declared fields, limited lines."""

import logging
import threading

import pytest

from relay.errors import Code
from relay.log import EVENTS, FAILED, FRAME_REFUSED, LINES_LEFT_OUT, MAX_LINES, Log, fields_of

PAST = ("ed", "spoke", "late", "out")


def test_events_are_named_in_the_past_tense_and_once() -> None:
    assert [event.name for event in EVENTS if not event.name.endswith(PAST)] == []
    assert len({event.name for event in EVENTS}) == len(EVENTS)


def test_no_field_is_for_words() -> None:
    fields = {field for event in EVENTS for field in event.fields}
    assert not fields & {"name", "email", "text", "token", "url", "ref", "address", "message"}


def test_the_program_s_own_mistakes_are_counted_too_whichever_thread_makes_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log, error = Log(), ValueError("somebody's words")

    def fail() -> None:
        for _ in range(MAX_LINES):
            log.emit(FAILED, error)

    threads = [threading.Thread(target=fail) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.exc_info and record.exc_info[1] for record in caplog.records] == (
        [error] * MAX_LINES
    )
    caplog.clear()
    log.report_suppressed()
    [told] = caplog.records
    assert fields_of(told) == {"of": FAILED.name, "count": MAX_LINES}


def test_too_many_lines_of_one_event_are_counted_and_another_is_not_held_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    log = Log()
    for connection in range(MAX_LINES + 3):
        log.emit(FRAME_REFUSED, connection=connection, code=Code.INVALID)
    log.emit(LINES_LEFT_OUT, count=0)
    assert len(caplog.records) == MAX_LINES + 1
    caplog.clear()
    log.report_suppressed()
    [told] = caplog.records
    assert fields_of(told) == {"of": FRAME_REFUSED.name, "count": 3}
    caplog.clear()
    log.emit(FRAME_REFUSED, connection=0, code=Code.INVALID)
    log.report_suppressed()
    assert len(caplog.records) == 1
