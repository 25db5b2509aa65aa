"""Format of the log, without the text of clients and libraries."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from cli import log_format
from relay.errors import Code
from relay.log import FAILED, FRAME_REFUSED, emit

Begin = Callable[[str, str | None], None]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begin to log as a command does, without pytest's own handlers."""

    def start(level: str, form: str | None) -> None:
        monkeypatch.setattr(logging.root, "handlers", [])
        monkeypatch.setattr(logging.root, "level", logging.root.level)
        log_format.to_stderr(level, form)

    return start


def line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    [said] = capsys.readouterr().err.splitlines()
    told: dict[str, Any] = json.loads(said)
    return told


def fault(words: str) -> Exception:
    try:
        dict[str, str]()[words]
    except KeyError as error:
        return error
    raise AssertionError


def test_an_event_is_a_line_with_its_fields(
    capsys: pytest.CaptureFixture[str], begin: Begin
) -> None:
    begin("INFO", "json")
    emit(FRAME_REFUSED, connection=7, role=None, code=Code.INVALID)
    told = line(capsys)
    assert told.pop("time").endswith("Z")
    assert told == {"level": "info", "event": "frame_refused", "connection": 7, "code": "invalid"}


def test_without_a_log_an_event_is_written_nowhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    emit(FAILED)
    assert capsys.readouterr().err == ""


def test_what_is_below_the_level_is_not_there(
    capsys: pytest.CaptureFixture[str], begin: Begin
) -> None:
    begin("WARNING", None)
    emit(FRAME_REFUSED, connection=7, code=Code.INVALID)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("form", ["json", "console"])
def test_of_an_error_its_kind_and_place_are_told_and_not_its_words(
    capsys: pytest.CaptureFixture[str], begin: Begin, form: str
) -> None:
    begin("INFO", form)
    emit(FAILED, fault("my secret"))
    [said] = capsys.readouterr().err.splitlines()
    assert "KeyError" in said
    assert "test_logs.py:" in said
    assert "secret" not in said


def test_of_a_library_the_place_is_told_and_not_its_words(
    capsys: pytest.CaptureFixture[str], begin: Begin
) -> None:
    begin("DEBUG", None)
    logging.getLogger("websockets.client").debug("< TEXT %s", "my secret", exc_info=fault("secret"))
    told = line(capsys)
    assert (told["event"], told["logger"]) == ("library_spoke", "websockets.client")
    assert told["error"] == "KeyError"
    assert "secret" not in str(told)


def test_a_record_cannot_pass_for_one_of_ours_by_its_fields(
    capsys: pytest.CaptureFixture[str], begin: Begin
) -> None:
    begin("INFO", None)
    logging.getLogger("asyncio").error("my secret", extra={"fields": {"text": "my secret"}})
    assert "secret" not in str(line(capsys))
