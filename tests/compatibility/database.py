"""Older databases and exports with this program."""

import json
from pathlib import Path
from typing import Any

from tests.compatibility.release import Release, run
from tests.e2e.main_job.stage import Stage
from tests.fork_server import PROGRAM
from tests.integration.relay.helpers import Wire, greeted, wire

Frame = dict[str, Any]


async def furnish(stage: Stage, token: str) -> Frame:
    """Let a customer and the agent of *token* do all that leaves something in a database.

    Returns the customer's welcome.
    """
    async with await greeted(await wire(stage.url, "agent"), token=token) as agent:
        customer = await _asks(stage, text="My parcel is late", name="Ada", email="ada@example.org")
        first = customer.welcome["request"]["id"]
        await agent.ok("join", request=first)
        await agent.ok("send", request=first, text="Let me look")
        await agent.ok("note", request=first, text="a regular")
        await agent.ok("tag", request=first, add=["parcel"])
        await customer.ok("send", text="Thank you")
        await customer.ok("close")
        await customer.ok("rate", score=5, comment="quick")
        other = await _asks(stage, text="Are you there?", name="Eve")
        second = other.welcome["request"]["id"]
        await agent.ok("claim", request=second)
        await agent.ok("release", request=second)
        await customer.ok("open", text="One more thing")
        await customer.socket.close()
        await other.socket.close()
    return customer.welcome


async def _asks(stage: Stage, **said: str) -> Wire:
    customer = await greeted(await wire(stage.url, "customer"))
    opened = await customer.ok("open", **said)
    customer.welcome = customer.welcome | {"request": opened["request"]}
    return customer


async def histories(stage: Stage, token: str) -> dict[int, Frame]:
    """Return each request with all its messages, as the agent of *token* sees them."""
    found: dict[int, Frame] = {}
    async with await greeted(await wire(stage.url, "agent"), token=token) as agent:
        listed = await agent.ok("list")
        for request in listed["requests"]:
            joined = await agent.ok("join", request=request["id"])
            found[request["id"]] = {"request": joined["request"], "messages": joined["messages"]}
    return found


async def an_older_database_is_opened_and_goes_on(release: Release, home: Path) -> None:
    """The new relay shows all that the older one stored, and takes up where it ended."""
    older = Stage(home, program=release.program)
    with older.running():
        token = older.add_agent("Sam")
        release.call(older, "canned", "add", "hi", "Hello!")
        welcome = await furnish(older, token)
        release.call(older, "hold", "2", "--why", "a dispute")
        stored = await histories(older, token)

    newer = Stage(home, port=older.port)
    run([PROGRAM, "check"], newer)
    with newer.running():
        assert await histories(newer, token) == stored
        back = await greeted(await wire(newer.url, "customer"), token=welcome["token"])
        assert back.welcome["epoch"] == welcome["epoch"]
        assert back.welcome["request"]["id"] == 3
        seq = back.welcome["request"]["seq"]
        assert (await back.ok("send", text="Still here"))["seq"] == seq + 1
        await back.socket.close()
        assert "Hello!" in run([PROGRAM, "canned", "list"], newer)
        assert json.loads(run([PROGRAM, "requests", "list", "--tag", "parcel", "--json"], newer))
    run([PROGRAM, "check"], newer)


async def an_older_export_is_imported_and_exported_alike(release: Release, home: Path) -> None:
    """An export of the older release, imported here, gives the same export again."""
    older = Stage(home / "older", program=release.program)
    older.home.mkdir()
    with older.running():
        await furnish(older, older.add_agent("Sam"))
    release.call(older, "export", "--output", "old.jsonl")

    newer = Stage(home / "newer")
    newer.home.mkdir()
    run([PROGRAM, "import", str(older.home / "old.jsonl")], newer)
    run([PROGRAM, "export", "--output", "new.jsonl"], newer)
    old = (older.home / "old.jsonl").read_bytes().splitlines()
    new = (newer.home / "new.jsonl").read_bytes().splitlines()
    assert new[1:] == old[1:], "the lines behind the header differ"
    run([PROGRAM, "check"], newer)
