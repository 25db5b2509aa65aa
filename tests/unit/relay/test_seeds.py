"""Seeds of the fuzzer reach the code that it tests."""

import email.utils
from collections.abc import Iterator
from itertools import count

import pytest

from relay.server import websocket
from relay.server.websocket import parse_whole_texts
from tests.fuzz import claims, seeds


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the list of all texts that are taken by hand in a test."""
    taken = list[bytes]()

    def noted(data: bytes, limit: int) -> tuple[list[bytes], int]:
        texts, end = parse_whole_texts(data, limit)
        taken.extend(texts)
        return texts, end

    monkeypatch.setattr(websocket, "parse_whole_texts", noted)
    return taken


def test_seeds_of_a_socket_have_texts_that_are_taken_by_hand(by_hand: list[bytes]) -> None:
    for seed in seeds.of("protocol"):
        claims.protocol(seed)
    assert len(by_hand) > 50


def test_seeds_alone_find_a_text_that_is_taken_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    def backwards(data: bytes, limit: int) -> tuple[list[bytes], int]:
        texts, end = parse_whole_texts(data, limit)
        return [text[::-1] for text in texts], end

    monkeypatch.setattr(websocket, "parse_whole_texts", backwards)
    with pytest.raises(AssertionError):
        for seed in seeds.of("protocol"):
            claims.protocol(seed)


def test_a_second_that_begins_between_two_answers_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dates: Iterator[str] = map("date {}".format, count())
    monkeypatch.setattr(email.utils, "formatdate", lambda **_: next(dates))
    for seed in (
        b"\x00\x00no request\r\n\r\n",
        b"\x01\x00",
        b"\x00\x00GET /nowhere HTTP/1.1\r\n\r\n",
    ):
        claims.protocol(seed)
