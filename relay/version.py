"""The version of this program, and the order of versions. Only the start reads a file."""

import re
from importlib.metadata import version

PROGRAM_VERSION = version("helpdesk")
"""The version in the metadata of the installed package."""
_PATTERN = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,4})(?:(a|b|rc)(\d{1,9}))?", re.ASCII)
"""Final releases and pre-releases of PEP 440, without epochs, post and development releases."""


def is_older(one: str, other: str) -> bool:
    """Return whether version *one* comes before *other*; False if either is none that we release.

    A version for which this returns True, as either argument, consists of digits, dots and
    letters, so it can be shown as it is.
    """
    first, second = _key(one), _key(other)
    return first is not None and second is not None and first < second


def is_version(text: str) -> bool:
    """Return whether *text* is a version as we release them."""
    return _key(text) is not None


def _key(text: str) -> tuple[tuple[int, ...], bool, str, int] | None:
    """Return what versions are sorted by: a pre-release comes before its release."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    numbers = [int(number) for number in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), match[2] is None, match[2] or "", int(match[3] or 0)
