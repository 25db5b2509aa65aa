"""Faults of the program in a handler: an answer, a log line, and a connection that goes on."""

import logging

import pytest

from relay.service.handlers import hello
from relay.service.publisher import Publisher
from tests.integration.relay.helpers import Desk, number_of


def fails(*_: object, **__: object) -> None:
    raise ZeroDivisionError


async def test_a_handler_that_fails_after_the_commit_is_answered_and_the_next_frame_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada, kim = await desk.asker(text="Help"), await desk.agent("Kim")
    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "for_agents", fails)
        assert await kim.refused("join", request=number_of(ada)) == "unavailable"
    await kim.ok("ping")
    await kim.ok("join", request=number_of(ada))
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_handler_that_fails_at_once_is_answered_and_what_waits_behind_it_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kim = await desk.agent("Kim")
    with monkeypatch.context() as patch:
        patch.setattr(type(desk.relay._store), "read", fails)
        await kim.send("list", ref="one")
        await kim.send("list", ref="two")
        await kim.send("ping", ref="three")
        for ref, kind in (("one", "error"), ("two", "error"), ("three", "pong")):
            answer = await kim.answer(ref)
            assert answer["type"] == kind
    await kim.ok("list")
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


async def test_a_hello_that_the_store_cannot_answer_now_may_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await desk.asker(text="Help")
    with monkeypatch.context() as patch:
        patch.setattr(hello, "_find", fails)
        client = await desk.socket("customer")
        assert await client.refused("hello", token=ada.welcome["token"]) == "unavailable"
        assert await client.ended() == 1013
    assert number_of(await desk.customer(token=ada.welcome["token"])) == number_of(ada)
