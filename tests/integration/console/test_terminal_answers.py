"""Answers of a terminal and malformed reports are no keys, and end nothing."""

from pathlib import Path

from relay.wire import agent_in
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.terminal import terminal

ANSWERS = (
    "\x1b]11;rgb:eeee/eeee/eeee\x1b\\",
    "\x1b]4;1;rgb:aaaa/0000/0000\x07",
    "\x1b[?62;1;2;4;6;9;15;16;17;18;21;22;28;29c",
    "\x1bP>|foot(1.16.2)\x1b\\",
    "\x1b_Gi=1;OK\x1b\\",
)
MALFORMED = ("\x1b[1114112u", "\x1b[97;1:3u", "\x1b[97:65:97;2:1;65u", "\x1b[<NaN;NaN;0M")


async def test_answers_and_malformed_reports_do_nothing_in_the_list_and_in_the_composer(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    relay.open(2, "Good day")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("#2 ")
        for answer in ANSWERS + MALFORMED:
            desk.type(answer[:4])
            desk.type(answer[4:])
        desk.type("j\r")
        await desk.sees("Write an answer")
        assert "Close #" not in desk.text
        for answer in ANSWERS + MALFORMED:
            desk.type(answer)
        desk.type(".\r")
        await relay.until(lambda: bool(relay.sent()))
        assert not desk.ended
    assert relay.sent() == ["A."]  # one of them is a key: Shift+A with its alternates
    assert not any(isinstance(one, agent_in.Close) for one in relay.heard)


async def test_lines_without_brackets_are_one_paste_and_are_sent_as_they_are(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("one\r\ttwo\rthree")
        await desk.sees("three")
        assert relay.sent() == []
        desk.type(" 田中\u3000太郎 10\u202fkm می\u200cشود 👨\u200d👩\u200d👧")
        await desk.sees("太郎")
        desk.type("\r")
        await relay.until(lambda: bool(relay.sent()))
    assert relay.sent() == [
        "one\n\ttwo\nthree 田中\u3000太郎 10\u202fkm می\u200cشود 👨\u200d👩\u200d👧"
    ]
