"""Older consoles and commands at a relay of this program."""

import asyncio
from pathlib import Path

import pexpect

from tests.compatibility.database import furnish
from tests.compatibility.release import Release
from tests.e2e.main_job.stage import Stage
from tests.e2e.main_job.terminal import Terminal
from tests.integration.relay.helpers import greeted, wire
from tests.patience import PATIENCE


async def an_older_plain_console_works_at_a_new_relay(release: Release, home: Path) -> None:
    """The older console without a screen shows a request, answers, notes and closes."""
    stage = Stage(home)
    with stage.running():
        environment = {**stage.environment, "HELPDESK_TOKEN": stage.add_agent("Sam")}
        customer = await greeted(await wire(stage.url, "customer"))
        await customer.ok("open", text="My parcel is late", name="Ada")
        program, *rest = [*release.program, "tui", "--plain", "--url", stage.url]
        console = pexpect.spawn(program, rest, env=environment, encoding="utf-8", timeout=PATIENCE)
        for line, shown in (
            ("open 1", "My parcel is late"),
            ("say Let me look", "Let me look"),
            ("note a regular", "a regular"),
            ("close", "closed"),
        ):
            console.sendline(line)
            await asyncio.to_thread(console.expect_exact, shown)
        await customer.message("Let me look")
        console.sendline("quit")
        await asyncio.to_thread(console.expect, pexpect.EOF)
        await customer.socket.close()
    assert stage.query("SELECT text FROM message WHERE kind = 'note'") == [("a regular",)]
    assert stage.query("SELECT status FROM help_request") == [("closed",)]


async def an_older_console_on_a_screen_works_at_a_new_relay(release: Release, home: Path) -> None:
    """The older console in a terminal shows the queue, opens a request and answers."""
    stage = Stage(home)
    with stage.running():
        environment = {**stage.environment, "HELPDESK_TOKEN": stage.add_agent("Sam")}
        customer = await greeted(await wire(stage.url, "customer"))
        await customer.ok("open", text="My parcel is late", name="Ada")
        command = [*release.program, "tui", "--url", stage.url]
        async with Terminal(command, environment, stage.home) as console:
            await console.shows("online as Sam", "My parcel is late")
            console.press("\r")
            await console.shows("Write an answer")
            console.press("Let me look\r")
            await customer.message("Let me look")
            await customer.ok("send", text="Thank you")
            await console.shows("Thank you")
        await customer.socket.close()


async def an_older_command_works_at_a_new_relay(release: Release, home: Path) -> None:
    """The older command lists, shows, answers, counts and adds agents through the new relay."""
    stage = Stage(home)
    with stage.running():
        await furnish(stage, stage.add_agent("Sam"))
        assert "Ada" in release.call(stage, "requests", "list")
        assert "My parcel is late" in release.call(stage, "requests", "show", "1")
        release.call(stage, "send", "2", "Hello", "--as", "Sam")
        release.call(stage, "agent", "add", "Kim")
        assert "Kim" in release.call(stage, "agent", "list")
        release.call(stage, "stats")
        release.call(stage, "usage")
    assert "Hello" in stage.stored_texts()
