"""An emoji's name is completed while it is written, and a colon stays a colon."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import FakeRelay

POPPER, PARROT = "\N{PARTY POPPER}", "\N{PARROT}"


@pytest.fixture
async def desk(relay: FakeRelay, tmp_path: Path) -> AsyncIterator[ConsoleSession]:
    relay.open(1, "Hello")
    relay.open(2, "Hello, too")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        yield desk


async def offered(desk: ConsoleSession, name: str) -> None:
    await desk.until(lambda: f":{name}:" in desk.screen)


async def not_offered(desk: ConsoleSession) -> None:
    await desk.until(lambda: not desk.panes.composer.suggestions.display)


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_the_marked_emoji_is_taken_and_nothing_else_happens(
    relay: FakeRelay, desk: ConsoleSession, key: str
) -> None:
    await desk.write("hurray :par")
    await offered(desk, "parrot")
    await desk.sees(f"▌ {PARROT}")
    await desk.press("down")
    await desk.press("up")
    await desk.press(key)
    await desk.write("!")
    assert desk.panes.composer.text == f"hurray {PARROT}!"
    assert desk.panes.composer.has_focus
    await not_offered(desk)
    await desk.press("enter")
    await relay.until(lambda: relay.sent() == [f"hurray {PARROT}!"])


async def test_what_is_left_stays_as_it_was_typed_and_is_not_offered_again(
    relay: FakeRelay, desk: ConsoleSession
) -> None:
    await desk.write(":tad")
    await offered(desk, "tada")
    await desk.press("escape")
    await not_offered(desk)
    await desk.write("a")
    await not_offered(desk)
    assert desk.panes.composer.has_focus
    await desk.press("enter")
    await relay.until(lambda: relay.sent() == [":tada"])


async def test_a_colon_elsewhere_offers_nothing(relay: FakeRelay, desk: ConsoleSession) -> None:
    for text in ("at 10:30", "http://shop", "re:tada", "well :)", ":D", ":no_such_name"):
        await desk.write(text)
        await not_offered(desk)
        await desk.press("enter")
    await desk.until(lambda: len(relay.sent()) == 6)


async def test_a_draft_that_ends_in_a_name_is_sent_by_enter(
    relay: FakeRelay, desk: ConsoleSession
) -> None:
    await desk.write(":tad")
    await offered(desk, "tada")
    await desk.press("alt+down")
    await desk.until(lambda: desk.seat.open == 2)
    await desk.press("alt+up")
    await desk.until(lambda: desk.panes.composer.text == ":tad")
    await not_offered(desk)
    await desk.press("enter")
    await relay.until(lambda: relay.sent() == [":tad"])


async def test_a_name_that_is_written_out_becomes_its_emoji_with_the_second_colon(
    desk: ConsoleSession,
) -> None:
    await desk.write("oh :tada")
    await offered(desk, "tada")
    await desk.write(":")
    assert desk.panes.composer.text == f"oh {POPPER}"
    await not_offered(desk)
