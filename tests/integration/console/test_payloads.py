"""Text of others never reaches a real terminal as a control sequence."""

import sys
from pathlib import Path

from relay.wire import agent_in, agent_out, objects
from tests.integration.console.fake_relay import AT, KIM, FakeRelay
from tests.integration.console.terminal import Terminal, terminal

PAYLOADS = (
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[66;66H",
    "\x9b31m",
    "\x9d0;evil\x9c",
    "\u202egnp.exe",
    "\x00\x05\x0e\x7f",
    "[/b]",
    "[@click=app.quit]x[/]",
    "[bold]b[/]",
    "\x1b]8;;file:///etc/passwd\x1b\\",
    "\x1bPq\x1b\\",
)
HOSTILE = "".join(PAYLOADS)
NEVER_WRITTEN = (
    b"\x1b]52;c;ZXZp",
    b"\x1b]0;evil",
    b"\x1b[66;66H",
    "\x9b".encode(),
    "\x9d".encode(),
    "\x9c".encode(),
    "\u202e".encode(),
    b"\x00",
    b"\x05",
    b"\x7f",
    b"\x1b]8;;file",
    b"\x1bPq",
)

TELLS_WORDS = """
import sys
from pathlib import Path
from helpdesk_tui.app import run
from helpdesk_tui.timings import Timings
from relay.settings.model import Console
own = Console(notify="777", notify_words=True)
sys.exit(run(*sys.argv[1:3], Path(sys.argv[3]), "", own, timings=Timings(notification_pause=0)))
"""
BLUR, FOCUS = "\x1b[O", "\x1b[I"
F3, F4, F8 = "\x1bOR", "\x1bOS", "\x1b[19~"
CUSTOMER = objects.CustomerObject(1, name=HOSTILE, email=HOSTILE, verified=False, online=True)


def hostile(relay: FakeRelay) -> None:
    """Let whatever can come from outside be hostile, in an open and in a closed request."""
    relay.canned = [objects.Canned("canned" + HOSTILE, f"preview {HOSTILE}")]
    relay.refuse = lambda frame: (
        objects.Error("invalid", HOSTILE)
        if isinstance(frame, agent_in.Claim | agent_in.Transfer | agent_in.Tag)
        else None
    )
    for number, status in ((1, "waiting"), (2, "closed")):
        relay.open(
            number,
            HOSTILE,
            "https://x.example/" + HOSTILE,
            status=status,
            customer=CUSTOMER,
            page=objects.PageObject("https://x.example/" + HOSTILE, HOSTILE, HOSTILE),
            tags=[HOSTILE],
            agent=objects.AgentLabel(5, HOSTILE),
            locale=HOSTILE,
            user_agent=HOSTILE,
            site=HOSTILE,
            rating=objects.RatingObject(3, HOSTILE, AT),
        )


def harmless(desk: Terminal) -> None:
    assert not desk.ended
    assert [bad for bad in NEVER_WRITTEN if bad in desk.written] == []


async def dialog(desk: Terminal, keys: str, shows: str, then: str = "\x1b") -> None:
    """Press *keys*, wait for the dialog, and press *then*."""
    desk.type(keys)
    await desk.sees(shows)
    desk.type(then)
    await desk.until(lambda: shows not in desk.text)


async def test_what_the_panes_show_is_text(relay: FakeRelay, tmp_path: Path) -> None:
    hostile(relay)
    async with terminal(relay.url, tmp_path, size=(140, 90)) as desk:
        await desk.sees("52;c;ZXZp")
        desk.type("c")
        await desk.sees("closed · 1")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type(F3)
        await desk.sees("earlier requests")
        await desk.sees("#2 2026")
        await relay.push(agent_out.Watching(1, [objects.AgentLabel(6, HOSTILE)]))
        await relay.push(objects.Typing(1, "customer", True))
        await relay.push(objects.Typing(1, "agent", True))
        await desk.sees("is typing…")
        await relay.say(1, HOSTILE + "the end", HOSTILE)
        await desk.sees("the end")
        desk.type("\x1bc")
        await desk.sees("#1:")
        harmless(desk)


async def test_what_the_dialogs_show_is_text(relay: FakeRelay, tmp_path: Path) -> None:
    hostile(relay)
    async with terminal(relay.url, tmp_path, size=(140, 44)) as desk:
        await desk.sees("52;c;ZXZp")
        desk.type("\r")
        await desk.sees("Write an answer")
        kim = objects.AgentObject(KIM.id, HOSTILE, "agent", HOSTILE)
        await relay.push(agent_out.AgentPush(kim))
        await dialog(desk, "\x0b", "Open a request")
        await dialog(desk, "\x1bg", "Tags of #1")
        await dialog(desk, "\x1bl", "Links, the newest first")
        await dialog(desk, "\x1by", "Copy a message")
        await dialog(desk, "\x1be", "Close #1", "n")
        await dialog(desk, "\x1bt", "Transfer #1 to", "\r")
        await dialog(desk, "", "A note for", "\r")
        await desk.sees("#1 is with")
        await dialog(desk, "/", "Canned responses", "\r")
        await desk.sees("preview")
        harmless(desk)


async def test_what_is_told_besides_the_screen_is_text(relay: FakeRelay, tmp_path: Path) -> None:
    hostile(relay)
    script = tmp_path / "editor.py"
    script.write_text(f"import sys\nopen(sys.argv[1], 'w').write({HOSTILE!r} + 'edited')")
    environment = {"EDITOR": f"{sys.executable} {script}"}
    async with terminal(
        relay.url, tmp_path, program=TELLS_WORDS, size=(140, 44), environment=environment
    ) as desk:
        await desk.sees("52;c;ZXZp")
        desk.type(BLUR)
        await desk.until(lambda: "▌" not in desk.text)  # the cursor is no longer where keys go
        relay.open(3, HOSTILE, customer=CUSTOMER)
        await relay.push(agent_out.RequestPush(relay.requests[3]))
        await desk.until(lambda: b"\x1b]777;notify;Helpdesk;#3 " in desk.written)
        desk.type(FOCUS + "\r")
        await desk.sees("Write an answer")
        desk.type(F8)
        await desk.until(lambda: b"back to the console" in desk.written)
        desk.type("\r")
        await desk.until(lambda: "back to the console" not in desk.text)
        desk.type(F4)
        await desk.sees("edited")
        harmless(desk)
