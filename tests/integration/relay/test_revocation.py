"""A token that is good no more: its sockets end, and what was said behind it is not done."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Wire, texts

REVOKED: dict[str, dict[str, Any]] = {
    "agent_set": {"disabled": True},
    "agent_token": {},
}
SAID: dict[str, dict[str, Any]] = {
    "send": {"request": 1, "text": "too late"},
    "note": {"request": 1, "text": "too late"},
    "claim": {"request": 1},
    "canned_set": {"name": "late", "text": "too late"},
    "agent_add": {"name": "Mallory", "role": "admin"},
}


async def submitted(client: Wire, kind: str, **fields: object) -> None:
    """Send a frame and return when the relay has taken it."""
    await client.send(kind, ref="late", **fields)
    await client.ok("ping")


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("revoking", REVOKED)
async def test_what_is_said_behind_a_revocation_is_not_carried_out(
    start: Start, database: Path, revoking: str, said: str
) -> None:
    async with start() as desk:
        await desk.asker(text="Help")
        admin = await desk.agent("Lee", "admin")
        sam = await desk.agent("Sam", "admin")
        number = sam.welcome["agent"]["id"]
        with closing(sqlite3.connect(database, isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")  # the relay has to wait with the revocation
            await submitted(admin, revoking, agent=number, **REVOKED[revoking])
            await submitted(sam, said, **SAID[said])
            busy.execute("ROLLBACK")
        assert await sam.ended() == 4000
        joined = await admin.ok("join", request=1)
        assert texts(joined["messages"])[-1] == "Help"
        assert joined["request"]["agent"] is None
        assert [agent["name"] for agent in (await admin.ok("agents"))["agents"]] == ["Lee", "Sam"]
        assert (await desk.control()).welcome["canned"] == []


async def test_who_was_renamed_or_promoted_works_on(start: Start) -> None:
    async with start() as desk:
        await desk.asker(text="Help")
        admin, sam = await desk.agent("Lee", "admin"), await desk.agent("Sam")
        number = sam.welcome["agent"]["id"]
        await sam.ok("send", request=1, text="one")
        await admin.ok("agent_set", agent=number, name="Samantha", role="admin")
        await sam.ok("send", request=1, text="two")
        await sam.ok("canned_set", name="x", text="y")
