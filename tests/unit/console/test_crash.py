"""Crash reports contain the location, and no text of users."""

from helpdesk_tui.app import stack_of

SECRET = "hda_secret and what Ada wrote"


def fail(text: str) -> None:
    raise ValueError(text)


def test_no_value_is_told() -> None:
    try:
        try:
            fail(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError as error:
        told = stack_of(error)
    assert "builtins.KeyError" in told
    assert "builtins.ValueError" in told
    assert "test_crash.py" in told
    assert " fail" in told
    assert SECRET not in told
