"""A request that goes away while the agent types or aims: no key means anything else by that."""

from pathlib import Path

from relay.wire import agent_in, agent_out, objects
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import FakeRelay

ACTS = (agent_in.Claim, agent_in.Release, agent_in.Close, agent_in.Send, agent_in.Note)


async def test_the_rest_of_a_sentence_goes_nowhere_and_the_text_stays_until_the_agent_leaves(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (1, 2):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("half a sentence")
        await relay.push(objects.Gone(1))
        await desk.sees("gone: F7 Ctrl+C copies")
        await desk.press(*"are", "e", "y", "enter", "ctrl+j", "slash", "alt+e", "backspace")
        assert desk.panes.composer.text == "half a sentence"
        assert (desk.seat.open, len(desk.console.screen_stack)) == (None, 1)
        assert not any(isinstance(frame, ACTS) for frame in relay.heard)
        await desk.press("f7", "ctrl+c")
        assert "half a sentence" in desk.console.clipboard
        await desk.press("escape")
        assert desk.panes.composer.text == ""
        await desk.open(2)
        await desk.write("again")
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["again"])


async def test_a_key_that_was_aimed_at_a_row_that_is_gone_is_refused_once(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("#3")
        desk.panes.list.select(2)
        for spare, key in enumerate(("enter", "a", "e", "r", "space"), 4):
            relay.open(spare, "Hello")
            await relay.push(agent_out.RequestPush(relay.requests[spare]))
            await desk.sees(f"#{spare}")
            gone = desk.panes.list.selected
            assert gone is not None
            await relay.push(objects.Gone(gone))
            await desk.sees_no(f"#{gone} Ada")
            await desk.press(key)
            await desk.sees("The request that was marked is gone")
            assert (desk.seat.open, len(desk.console.screen_stack)) == (None, 1)
        assert not any(isinstance(frame, ACTS) for frame in relay.heard)
        await desk.press("enter")
        await desk.until(lambda: desk.seat.open is not None)


async def test_words_for_the_filter_stay_in_it_when_the_open_request_goes(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (1, 2):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.press("escape", "slash")
        await relay.push(objects.Gone(1))
        await desk.until(lambda: desk.seat.open is None)
        await desk.press(*"are")
        assert desk.panes.filter.value == "are"
