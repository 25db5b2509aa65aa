"""Restore of an older backup: clients with newer data start over, and nothing is mixed."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.integration.relay.helpers import FREE, Frame, Wire
from tests.integration.relay.relay_process import PROGRAM, Served, agent_of, customer_of, served

HELPDESK = PROGRAM[0]


async def helpdesk(*arguments: str) -> None:
    """Run the command to its end, which must be a good one."""
    process = await asyncio.create_subprocess_exec(
        HELPDESK, *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said


def known(client: Wire, after: int) -> Frame:
    """Return the hello of a customer who has everything up to *after*."""
    welcome = client.welcome
    return {"token": welcome["token"], "epoch": welcome["epoch"], "request": 1, "after": after}


def seen(messages: list[Frame]) -> list[tuple[int, str]]:
    return [(message["seq"], message["text"]) for message in messages]


@dataclass
class Desk:
    """The desk that is lost: who knew what of it, and what of it is in the backup."""

    token: str
    epoch: str
    ada: Frame
    eve: Frame
    customers_log: list[tuple[int, str]]
    agents_log: list[tuple[int, str]]


async def lost(database: Path, backup: Path) -> Desk:
    """Let a relay run, back its desk up, let it go on, and put the backup back."""
    async with served(database, **FREE) as relay:
        token = await relay.hire("Sam")
        ada = await customer_of(relay)
        before = seen((await ada.ok("open", text="before the backup"))["messages"])
        sam = await agent_of(relay, token)
        log = seen((await sam.ok("join", request=1))["messages"])
        await helpdesk("backup", str(backup), f"--database={database}")

        for number in range(3):
            sent = await ada.ok("send", ref=f"a{number}", text=f"lost {number}")
        eve = await customer_of(relay)
        await eve.ok("open", text="lost as a whole")
        known_to_eve = known(eve, 2) | {"request": 2}
        desk = Desk(token, sam.welcome["epoch"], known(ada, sent["seq"]), known_to_eve, before, log)
        await leave(relay, ada, eve, sam)
    await helpdesk("restore", str(backup), f"--database={database}")
    return desk


async def leave(relay: Served, *clients: Wire) -> None:
    """End the connections, and the relay."""
    for client in clients:
        await client.socket.close()
    relay.stop()
    assert await relay.process.wait() == 0


async def test_clients_of_the_desk_that_is_gone_start_over(database: Path, tmp_path: Path) -> None:
    gone = await lost(database, tmp_path / "backup")
    async with served(database, **FREE) as relay:
        ada = await customer_of(relay, **gone.ada)
        assert ada.welcome["reset"] is True
        assert ada.welcome["epoch"] not in {gone.epoch, None}
        assert seen(ada.welcome["messages"]) == gone.customers_log
        eve = await customer_of(relay, **gone.eve)
        assert (eve.welcome["reset"], eve.welcome["request"]) == (True, None)
        assert eve.welcome["messages"] == []

        sam = await agent_of(relay, gone.token)
        assert sam.welcome["epoch"] == ada.welcome["epoch"]
        assert [request["id"] for request in sam.welcome["requests"]] == [1]
        assert seen((await sam.ok("join", request=1))["messages"]) == gone.agents_log

        # A retry of what the backup does not know is a new message, under a number given out anew.
        sent = await ada.ok("send", ref="a2", text="another")
        assert sent["seq"] == len(gone.customers_log) + 1
        assert (await sam.message("another"))["seq"] == len(gone.agents_log) + 1
        back = await customer_of(relay, **known(ada, sent["seq"]))
        assert (back.welcome["reset"], back.welcome["messages"]) == (False, [])
        await leave(relay, ada, eve, sam, back)
