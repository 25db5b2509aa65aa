"""Admins' frames; a disabled agent or a replaced token is disconnected at once (section 5)."""

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, Frame

ADMIN_FRAMES: list[tuple[str, Frame]] = [
    ("agents", {}),
    ("agent_add", {"name": "Kim", "role": "admin"}),
    ("agent_token", {"agent": 1}),
    ("agent_set", {"agent": 1, "role": "admin"}),
    ("canned_set", {"name": "a", "text": "b"}),
    ("canned_remove", {"name": "a"}),
]


@pytest.mark.parametrize(("kind", "fields"), ADMIN_FRAMES, ids=[kind for kind, _ in ADMIN_FRAMES])
async def test_who_is_no_admin_may_not(desk: Desk, kind: str, fields: Frame) -> None:
    sam = await desk.agent("Sam")
    assert await sam.refused(kind, **fields) == "forbidden"
    await sam.ok("ping")
    assert len(sam.welcome["agents"]) == 1


async def test_an_agent_is_added_once_under_a_name(desk: Desk) -> None:
    lee = await desk.agent("Lee", "admin")
    added = await lee.ok("agent_add", ref="a", name="Kim", role="agent")
    assert added.keys() == {"type", "ref", "agent", "token"}
    assert added["type"] == "agent_added"
    assert added["agent"] == {"id": 2, "name": "Kim", "role": "agent", "status": "offline"}
    assert added["token"].startswith("hda_")
    assert await lee.refused("agent_add", name="Kim", role="agent") == "conflict"
    assert await lee.refused("agent_set", agent=2, name="Lee") == "conflict"
    assert (await desk.back(added["token"])).welcome["agent"]["name"] == "Kim"
    stored = desk.settings.database_path.with_name("desk.db-wal").read_bytes()
    assert added["token"].encode() not in stored


async def test_a_new_token_ends_the_old_one_s_sockets_at_once(desk: Desk) -> None:
    lee, hired = await desk.agent("Lee", "admin"), await desk.hire("Sam")
    consoles = [await desk.back(hired["token"]) for _ in range(2)]
    made = await lee.ok("agent_token", agent=2)
    assert made.keys() == {"type", "ref", "agent", "token"}
    assert made["token"] != hired["token"]
    for console in consoles:
        assert await console.ended() == 4000
    old = await desk.socket("agent")
    assert await old.refused("hello", token=hired["token"]) == "unauthorized"
    await desk.back(made["token"])
    await lee.ok("ping")


async def test_a_disabled_agent_is_out_at_once_and_may_come_back_when_enabled(
    desk: Desk,
) -> None:
    lee, hired = await desk.agent("Lee", "admin"), await desk.hire("Sam")
    sam = await desk.back(hired["token"])
    answer = await lee.ok("agent_set", ref="x", agent=2, disabled=True)
    assert answer.keys() == {"type", "ref", "agent"}
    assert answer["agent"]["disabled"] is True
    assert await sam.ended() == 4000
    again = await desk.socket("agent")
    assert await again.refused("hello", token=hired["token"]) == "unauthorized"
    agents = (await lee.ok("agents"))["agents"]
    assert [(agent["name"], agent.get("disabled")) for agent in agents] == [
        ("Lee", None),
        ("Sam", True),
    ]
    assert await lee.refused("transfer", request=1, to=2) == "not_found"
    assert [agent["name"] for agent in (await desk.agent("Kim")).welcome["agents"]] == [
        "Lee",
        "Kim",
    ]
    await lee.ok("agent_set", agent=2, disabled=False)
    await desk.back(hired["token"])


async def test_a_role_and_a_name_change_for_the_sockets_that_are_open_too(desk: Desk) -> None:
    lee, sam = await desk.agent("Lee", "admin"), await desk.agent("Sam")
    customer = await desk.asker()
    await sam.ok("claim", request=1)
    await lee.ok("agent_set", agent=2, role="admin", name="Samantha")
    assert len((await sam.ok("agents"))["agents"]) == 2
    while (await lee.push("request"))["request"]["agent"] != {"id": 2, "name": "Samantha"}:
        pass
    while (await customer.push("request"))["request"]["agent"] != {"name": "Samantha"}:
        pass
    await sam.ok("send", request=1, text="Hello")
    assert (await customer.message("Hello"))["by"] == {"role": "agent", "name": "Samantha"}
    await lee.ok("agent_set", agent=2, role="agent")
    assert await sam.refused("agents") == "forbidden"


async def test_an_agent_who_is_not_there_is_not_found(desk: Desk) -> None:
    lee = await desk.agent("Lee", "admin")
    assert await lee.refused("agent_token", agent=9) == "not_found"
    assert await lee.refused("agent_set", agent=9, disabled=True) == "not_found"


async def test_agents_tokens_and_canned_responses_outlive_a_restart(start: Start) -> None:
    async with start() as desk:
        lee, hired = await desk.agent("Lee", "admin"), await desk.hire("Sam")
        await lee.ok("agent_set", agent=1, name="Leonie")
        await lee.ok("canned_set", name="a", text="b")
    async with start() as desk:
        welcome = (await desk.back(hired["token"])).welcome
        assert [agent["name"] for agent in welcome["agents"]] == ["Leonie", "Sam"]
        assert welcome["canned"] == [{"name": "a", "text": "b"}]


@pytest.mark.parametrize("closer", ["customer", "agent"])
async def test_with_no_retention_closing_deletes_and_everybody_is_told(
    start: Start, closer: str
) -> None:
    async with start(retention_days=0) as desk:
        sam, kim, customer = await desk.agent("Sam"), await desk.agent("Kim"), await desk.customer()
        await customer.ok("open", ref="o", text="secret words")
        await sam.ok("join", request=1)
        if closer == "customer":
            assert (await customer.ok("close"))["request"]["status"] == "closed"
        else:
            assert (await sam.ok("close", request=1))["request"]["status"] == "closed"
        for client in (sam, kim, customer):
            await client.push("gone", request=1)
        assert await sam.refused("join", request=1) == "not_found"
        assert (await sam.ok("list"))["requests"] == []
        assert await customer.refused("history", before=9) == "not_found"
        back = await desk.customer(token=customer.welcome["token"], request=1, after=2)
        assert (back.welcome["request"], back.welcome["reset"]) == (None, True)
        opened = await customer.ok("open", text="again")
        assert opened["request"]["id"] == 2  # numbers are never given out twice
        assert (await sam.ok("join", request=2))["request"]["seq"] == 3
    assert b"secret words" not in desk.settings.database_path.read_bytes()


async def test_responses_that_are_given_together_are_stored_together_or_not_at_all(
    desk: Desk,
) -> None:
    lee, root = await desk.agent("Lee", role="admin"), await desk.agent("Root", role="admin")
    await lee.ok("canned_set", name="lost", text="x", more=True)
    await lee.socket.close()
    await root.ok("canned_set", name="a", text="b", more=True)
    await root.ok("canned_set", name="c", text="d", more=True)
    assert (await desk.agent("Sam")).welcome["canned"] == []
    await root.ok("canned_set", name="a", text="e")
    told = await root.push("canned")
    assert told["canned"] == [{"name": "a", "text": "e"}, {"name": "c", "text": "d"}]
    assert (await desk.agent("Kim")).welcome["canned"] == told["canned"]


async def test_too_much_that_is_given_together_stores_nothing(desk: Desk) -> None:
    root = await desk.agent("Root", role="admin")
    for number in range(65):
        await root.ok("canned_set", name=f"{number}", text="x" * 4000, more=True)
    assert await root.refused("canned_set", name="last", text="x" * 4000, more=True) == "invalid"
    for number in range(65):
        await root.ok("canned_set", name=f"{number}", text="x" * 4000, more=True)
    assert await root.refused("canned_set", name="last", text="x" * 4000) == "invalid"
    assert (await desk.agent("Kim")).welcome["canned"] == []
