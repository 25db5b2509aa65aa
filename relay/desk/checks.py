"""Checks of values that come from a file: each raises ValueError if the relay never stores such.

The sentences name the kind of value and never quote it. Pure.
"""

import re
from collections.abc import Iterable

from relay.sanitize import LONGEST_TEXT, TAG, clean_line, clean_text

LAST_TIME = 253_402_300_799_999
"""The last millisecond of the year 9999, the latest time that the wire can express."""
LAST_NUMBER = 2**52
"""Half of what the wire can express: as many numbers again can be given out after it."""
_TAG = re.compile(TAG)


def check_text(text: str) -> None:
    """Require the text of a message as the sanitizer leaves it."""
    if not text or text != clean_text(text):
        raise ValueError("a text is empty, or has characters in it that no text can have")
    check_length(text)


def check_length(text: str) -> None:
    """Require a text that fits into a frame."""
    if len(text) > LONGEST_TEXT:
        raise ValueError("a text is longer than any can be")


def check_name(what: str, line: str, limit: int) -> None:
    """Require a clean line of 1 to *limit* code points."""
    if not line:
        raise ValueError(f"{what} is empty")
    check_line(what, line, limit)


def check_line(what: str, line: str | None, limit: int) -> None:
    """Require None or a clean line of at most *limit* code points."""
    # Between two signs, since a blank at the end may stand where a longer one was cut.
    if line is not None and clean_line(f"|{line}|") != f"|{line}|":
        raise ValueError(f"{what} has characters in it that no line can have")
    if line is not None and len(line) > limit:
        raise ValueError(f"{what} is longer than any can be")


def check_tags(tags: Iterable[str]) -> None:
    """Require tags as agents may set them."""
    if not all(map(_TAG.match, tags)):
        raise ValueError("a tag is not of 1 to 32 characters of a-z 0-9 -")


def check_time(at: int) -> None:
    """Require milliseconds since 1970 that have a date of four digits."""
    if not 0 <= at <= LAST_TIME:
        raise ValueError("a time is before 1970 or after the year 9999")


def check_number(number: int) -> None:
    """Require an id that a desk gives out."""
    if not 1 <= number <= LAST_NUMBER:
        raise ValueError("a number is none that a desk gives out")
