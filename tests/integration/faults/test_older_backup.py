"""An older backup put back: who knew what came after it starts over, and nothing is mixed."""

import asyncio
from pathlib import Path

from tests.integration.relay.helpers import FREE, Frame, Wire, free_port
from tests.integration.relay.served import PROGRAM, Served, agent_of, customer_of, served

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


async def asked(relay: Served) -> tuple[Wire, list[Frame]]:
    """Return a customer with an open request, and what they see of it."""
    ada = await customer_of(relay)
    opened = await ada.ok("open", text="before the backup")
    return ada, opened["messages"]


async def test_clients_of_the_desk_that_is_gone_start_over(database: Path, tmp_path: Path) -> None:
    port, backup = free_port(), str(tmp_path / "backup")
    of_it = f"--database={database}"
    async with served(database, port, **FREE) as relay:
        token = await relay.hire("Sam")
        ada, before = await asked(relay)
        sam = await agent_of(relay, token)
        log = (await sam.ok("join", request=1))["messages"]
        await helpdesk("backup", backup, of_it)

        for number in range(3):
            sent = await ada.ok("send", ref=f"a{number}", text=f"lost {number}")
        eve = await customer_of(relay)
        await eve.ok("open", text="lost as a whole")
        after, lost = known(ada, sent["seq"]), known(eve, 2) | {"request": 2}
        epoch = sam.welcome["epoch"]
        for client in (ada, eve, sam):
            await client.socket.close()
        relay.stop()
        await relay.process.wait()
    await helpdesk("restore", backup, of_it)

    async with served(database, port, **FREE) as relay:
        ada = await customer_of(relay, **after)
        assert ada.welcome["reset"] is True
        assert ada.welcome["epoch"] not in {epoch, None}
        assert seen(ada.welcome["messages"]) == seen(before)
        eve = await customer_of(relay, **lost)
        assert (eve.welcome["reset"], eve.welcome["request"]) == (True, None)
        assert eve.welcome["messages"] == []

        sam = await agent_of(relay, token)
        assert sam.welcome["epoch"] == ada.welcome["epoch"]
        assert [request["id"] for request in sam.welcome["requests"]] == [1]
        assert seen((await sam.ok("join", request=1))["messages"]) == seen(log)

        # A retry of what the backup does not know is a new message, under a number given out anew.
        sent = await ada.ok("send", ref="a2", text="another")
        assert sent["seq"] == len(before) + 1
        assert (await sam.message("another"))["seq"] == len(log) + 1
        back = await customer_of(relay, **known(ada, sent["seq"]))
        assert (back.welcome["reset"], back.welcome["messages"]) == (False, [])
        for client in (ada, eve, sam, back):
            await client.socket.close()
