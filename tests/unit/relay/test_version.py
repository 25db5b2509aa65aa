"""The order of versions."""

from itertools import pairwise

import pytest

from relay.version import PROGRAM_VERSION, is_older, is_version

IN_ORDER = ["0.1.0a1", "0.1.0a2", "0.1.0b1", "0.1.0rc1", "0.1.0", "0.1.1", "0.2", "0.10.0", "1.0"]


def test_a_version_is_older_than_those_that_come_later() -> None:
    for one, other in pairwise(IN_ORDER):
        assert is_older(one, other), (one, other)
        assert not is_older(other, one)


def test_zeros_at_the_end_make_no_other_version() -> None:
    assert not is_older("1.2", "1.2.0")
    assert not is_older("1.2.0", "1.2")


@pytest.mark.parametrize(
    "text", ["", "v1.0", "1.0.dev1", "1..2", "1.0\x1b[2J", "1.0\n", "latest", "٣.1", "9" * 5000]
)
def test_what_is_no_version_is_older_than_none_and_none_is_older(text: str) -> None:
    assert not is_version(text)
    assert not is_older("0.1", text)
    assert not is_older(text, "99.0")


def test_the_program_has_a_version_that_can_be_compared() -> None:
    assert is_version(PROGRAM_VERSION)
