"""Revoked tokens: their connections end, and frames received after it are not carried out."""

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


AS_ADMIN: dict[str, dict[str, Any]] = {
    "agent_add": {"name": "Mallory", "role": "admin"},
    "agent_set": {"agent": 2, "role": "admin"},
    "agent_token": {"agent": 1},
    "canned_set": {"name": "late", "text": "too late"},
    "canned_remove": {"name": "hello"},
    "hold": {"request": 1, "why": "too late"},
    "unhold": {"request": 1},
    "purge": {"dry_run": False},
    "release": {"request": 1},
    "transfer": {"request": 1, "to": 2},
}
"""What only admins may do, the last two with what is another agent's."""


@pytest.mark.parametrize("said", AS_ADMIN)
async def test_what_is_said_as_an_admin_behind_the_end_of_being_one_is_not_carried_out(
    start: Start, database: Path, said: str
) -> None:
    async with start() as desk:
        await desk.asker(text="Help")
        lee = await desk.agent("Lee", "admin")
        sam = await desk.agent("Sam", "admin")
        await lee.ok("claim", request=1)
        await lee.ok("canned_set", name="hello", text="Hello")
        fields = dict(AS_ADMIN[said])
        if said == "purge":
            plan = (await sam.ok("purge", dry_run=True))["receipt"]["plan"]
            fields["plan"] = plan
        with closing(sqlite3.connect(database, isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            await submitted(lee, "agent_set", agent=sam.welcome["agent"]["id"], role="agent")
            await submitted(sam, said, **fields)
            busy.execute("ROLLBACK")
        answer = await sam.answer("late")
        assert answer.get("code") == "forbidden", answer
        joined = (await lee.ok("join", request=1))["request"]
        assert (joined["agent"]["name"], joined["hold"]) == ("Lee", None)
        agents = [(it["name"], it["role"]) for it in (await lee.ok("agents"))["agents"]]
        assert agents == [("Lee", "admin"), ("Sam", "agent")]
        canned = (await desk.control()).welcome["canned"]
        assert [response["name"] for response in canned] == ["hello"]


async def test_who_is_disabled_speaks_no_more_at_the_control_socket_either(
    start: Start, database: Path
) -> None:
    async with start() as desk:
        await desk.asker(text="Help")
        root, sam = await desk.control(), await desk.agent("Sam")
        number = sam.welcome["agent"]["id"]
        as_sam = await desk.control(**{"as": "Sam"})
        await root.ok("agent_token", agent=number)
        await as_sam.ok("note", request=1, text="needs no token here")
        with closing(sqlite3.connect(database, isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            await submitted(root, "agent_set", agent=number, disabled=True)
            for kind, fields in SAID.items():
                await submitted(as_sam, kind, **fields)
            busy.execute("ROLLBACK")
        assert await as_sam.ended() == 4000
        joined = await root.ok("join", request=1)
        assert texts(joined["messages"])[-1] == "needs no token here"
        assert joined["request"]["agent"] is None
        assert len((await root.ok("agents"))["agents"]) == 1


async def test_who_was_renamed_or_promoted_works_on(start: Start) -> None:
    async with start() as desk:
        await desk.asker(text="Help")
        admin, sam = await desk.agent("Lee", "admin"), await desk.agent("Sam")
        number = sam.welcome["agent"]["id"]
        await sam.ok("send", request=1, text="one")
        await admin.ok("agent_set", agent=number, name="Samantha", role="admin")
        await sam.ok("send", request=1, text="two")
        await sam.ok("canned_set", name="x", text="y")
