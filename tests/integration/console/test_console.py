"""The console at a relay: what the agent sees and what their keys do."""

from pathlib import Path

import pytest
from msgspec import structs

from relay.wire import agent_in, agent_out, objects
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import AT, ME, FakeRelay

KIM = objects.AgentLabel(5, "Kim")


async def test_it_starts_on_the_first_row_of_those_who_wait(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "I can wait", waiting_since="2026-11-22T10:50:00.000Z")
    relay.open(2, "I waited longer", waiting_since="2026-11-22T10:40:00.000Z")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("online as Sam")
        await desk.sees("I can wait")
        assert [row.number for row in desk.panes.list.rows] == [2, 1]
        assert desk.panes.list.has_focus
        assert desk.panes.list.selected == 2
        await desk.sees("mine 0 · 2 waiting")


async def test_enter_opens_the_request_and_what_is_typed_at_once_goes_into_the_composer(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "My lamp is broken")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("My lamp is broken")
        await desk.press("enter", "a", "e", "ctrl+j", "r", "enter", "x")
        await relay.until(lambda: relay.sent() == ["ae\nr"])
        await desk.sees("Sam (you)")
        assert desk.panes.composer.text == "x"


async def test_the_list_is_live_and_the_cursor_stays_on_its_request(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(2, "First", waiting_since="2026-11-22T10:40:00.000Z")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("#2")
        relay.open(1, "I came later, but waited longer", waiting_since="2026-11-22T10:30:00.000Z")
        await relay.push(agent_out.RequestPush(relay.requests[1]))
        await desk.sees("#1")
        assert [row.number for row in desk.panes.list.rows] == [1, 2]
        assert desk.panes.list.selected == 2
        await relay.push(objects.Gone(2))
        await desk.sees_no("#2")
        assert desk.panes.list.selected == 1


async def test_messages_and_typing_come_in_live(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.push(objects.Typing(1, "customer", True))
        await desk.sees("Ada 1 is typing…")
        await relay.say(1, "Are you there?")
        await desk.sees("Are you there?")
        await desk.sees_no("is typing…")
        await relay.until(lambda: agent_in.SetRead(1, 2) in relay.heard)
        assert [row.unread for row in desk.panes.list.rows] == [0]


async def test_the_customer_is_told_that_the_agent_types(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("yes")
        await relay.until(lambda: agent_in.SetTyping(1, True) in relay.heard)
        await desk.press("enter")
        await relay.until(lambda: agent_in.SetTyping(1, False) in relay.heard)
        assert relay.heard.count(agent_in.SetTyping(1, True)) == 1


async def test_claim_and_release_from_the_list_and_from_the_composer(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        await desk.press("a")
        await desk.sees("mine · 1")
        await desk.press("r")
        await desk.sees("1 waiting")
        await desk.open(1)
        await desk.press("alt+c")
        await desk.sees("yours")
        await desk.press("alt+r")
        await desk.sees("unclaimed")


async def test_closing_asks_once_and_the_closed_request_stays_readable(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Thank you, bye")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.press("alt+e")
        await desk.sees("Close #1 (Ada 1)?")
        await desk.press("alt+e", "e", "alt+e", "enter")
        await desk.sees("Close #1 (Ada 1)?")
        assert relay.requests[1].status == "waiting"
        await desk.press("n")
        await desk.sees_no("Close #1")
        await desk.press("alt+e")
        await desk.press("y")
        await desk.sees("This request is closed")
        assert desk.panes.list.selected == 1
        assert "Thank you, bye" in desk.screen
        await desk.write("late")
        await desk.press("enter")
        await desk.sees("nothing can be sent to it")
        assert desk.panes.composer.text == "late"
    assert relay.requests[1].status == "closed"
    assert relay.sent() == []


async def test_who_holds_a_request_and_who_looks_at_it_is_shown(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello", agent=KIM, status="active")
    relay.refuse = lambda frame: (
        objects.Error("conflict", "") if isinstance(frame, agent_in.Claim) else None
    )
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.push(agent_out.Watching(1, [ME, KIM]))
        await desk.sees("Kim looks too")
        await relay.push(objects.Typing(1, "agent", True))
        await desk.sees("Kim is typing…")
        await desk.press("alt+c")
        await desk.sees("#1 was claimed by Kim first.")


async def test_older_messages_come_when_the_agent_scrolls_back_and_move_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, *(f"message {number}" for number in range(1, 201)))
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.sees("message 200")
        top = desk.panes.timeline.items[0].key
        for _ in range(2):
            await desk.press("pageup")
        # In the midst of the view: at its top, a divider and a name give way to what comes.
        line = desk.screen.splitlines()[12][:96]
        assert "message" in line
        await desk.until(lambda: len(desk.panes.timeline.items) > 60)
        assert desk.panes.timeline.items[0].key != top
        assert desk.screen.splitlines()[12][:96] == line
        await relay.say(1, "something new")
        await desk.sees("1 new below")
        assert desk.screen.splitlines()[12][:96] == line


async def test_a_refused_text_is_shown_as_failed_and_can_be_edited(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    relay.refuse = lambda frame: (
        objects.Error("closed", "") if isinstance(frame, agent_in.Send) else None
    )
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("hi")
        await desk.press("enter")
        await desk.sees("Not sent: #1 was closed before your text")
        await desk.sees("! not sent: #1 was closed before your text arrived")
        assert desk.panes.composer.text == ""
        await desk.press("alt+b")
        await desk.until(lambda: desk.panes.composer.text == "hi")
        await desk.sees_no("! not sent")


async def test_a_paste_never_sends_and_comes_in_clean(relay: FakeRelay, tmp_path: Path) -> None:
    from textual.events import Paste

    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        desk.console.post_message(Paste("one\r\ntwo\x1b[31m\u202e\n"))
        await desk.until(lambda: desk.panes.composer.text == "one\ntwo[31m\u202e\n")
    assert relay.sent() == []


async def test_on_a_narrow_terminal_one_pane_is_shown_at_a_time(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path, size=(60, 20)) as desk:
        await desk.open(1)
        await desk.sees("Write an answer")
        assert not desk.panes.list.region
        await desk.press("escape")
        await desk.until(lambda: bool(desk.panes.list.region))
        read = relay.heard.count(agent_in.SetRead(1, 2))
        await relay.say(1, "unseen")
        await desk.sees("1 new")
        assert relay.heard.count(agent_in.SetRead(1, 2)) == read == 0
        await desk.resize(100, 30)
        await desk.sees("unseen")
        await desk.until(lambda: bool(desk.panes.list.region) and bool(desk.panes.chat.region))


async def test_the_help_names_every_key(relay: FakeRelay, tmp_path: Path) -> None:
    async with console_session(relay.url, tmp_path, size=(100, 90)) as desk:
        await desk.sees("Nobody is waiting.")
        await desk.press("f1")
        await desk.sees("offline: call the relay now")
        await desk.press("escape")
        await desk.sees_no("offline: call the relay now")


HOSTILE = "\x1b]52;c;aGk=\x07\x9b2J[/b][@click=app.quit]x[/]\u202e"


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_hostile_names_tags_pages_and_texts_are_shown_as_text(
    relay: FakeRelay, tmp_path: Path, size: tuple[int, int]
) -> None:
    relay.open(
        1,
        HOSTILE,
        customer=objects.CustomerObject(
            1, name=HOSTILE, email=HOSTILE, verified=False, online=True
        ),
        page=objects.PageObject(HOSTILE, HOSTILE, HOSTILE),
        tags=[HOSTILE],
        agent=objects.AgentLabel(5, HOSTILE),
    )
    relay.refuse = lambda frame: (
        objects.Error("invalid", HOSTILE)
        if isinstance(frame, agent_in.Claim | agent_in.Send | agent_in.Close)
        else None
    )
    async with console_session(relay.url, tmp_path, size=size) as desk:
        await desk.open(1)
        await relay.push(agent_out.Watching(1, [objects.AgentLabel(6, HOSTILE)]))
        await relay.say(1, HOSTILE, HOSTILE)
        activity = objects.MessageObject(9, "activity", objects.By("desk"), HOSTILE, AT)
        await relay.push(objects.MessagePush(1, structs.replace(activity, activity="tagged")))
        await desk.write("hi")
        await desk.press("enter")
        await desk.sees("Not sent")
        await desk.press("alt+c", "alt+e")
        await desk.press("y")
        await desk.until(lambda: desk.panes.timeline.items[-1].tone == "failed")
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(desk.screen)
        await desk.pilot.click("#timeline")
        await desk.press("escape")
        assert desk.console.is_running
