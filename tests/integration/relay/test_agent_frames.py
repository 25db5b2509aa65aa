"""Agents' frames on requests: claim, release, transfer, send, tag, close, list (section 5)."""

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, Frame, Wire


@pytest.fixture
async def people(desk: Desk) -> tuple[Wire, Wire, Wire, Wire]:
    """A customer with request #1, two agents, and an admin."""
    customer = await desk.asker(text="Help")
    return (
        customer,
        await desk.agent("Sam"),
        await desk.agent("Kim"),
        await desk.agent("Lee", "admin"),
    )


People = tuple[Wire, Wire, Wire, Wire]


async def log_of(agent: Wire, request: int = 1) -> list[Frame]:
    messages: list[Frame] = (await agent.ok("join", request=request, after=0))["messages"]
    return messages


async def test_a_claim_takes_it_once_and_others_get_a_conflict(people: People) -> None:
    _, sam, kim, lee = people
    ok = await sam.ok("claim", ref="c", request=1)
    assert ok.keys() == {"type", "ref", "request"}
    request = ok["request"]
    assert (request["status"], request["agent"]) == ("active", {"id": 1, "name": "Sam"})
    assert request["claimed_at"] is not None
    assert await kim.refused("claim", request=1) == "conflict"
    assert await lee.refused("claim", request=1) == "conflict"
    assert (await sam.ok("claim", request=1))["request"]["seq"] == request["seq"]


async def test_only_its_agent_or_an_admin_releases_a_request(people: People) -> None:
    _, sam, kim, lee = people
    assert (await kim.ok("release", request=1))["request"]["seq"] == 3  # nobody has it
    await sam.ok("claim", request=1)
    assert await kim.refused("release", request=1) == "forbidden"
    assert await kim.refused("transfer", request=1, to=2) == "forbidden"
    request = (await sam.ok("release", request=1))["request"]
    assert (request["status"], request["agent"], request["claimed_at"]) == ("waiting", None, None)
    await sam.ok("claim", request=1)
    assert (await lee.ok("release", request=1))["request"]["status"] == "waiting"


async def test_a_transfer_hands_it_over_with_a_note(people: People) -> None:
    customer, sam, _, _ = people
    await sam.ok("claim", request=1)
    request = (await sam.ok("transfer", request=1, to=2, note="Yours"))["request"]
    assert (request["status"], request["agent"]["name"]) == ("active", "Kim")
    *_, transferred, note = await log_of(sam)
    assert (transferred["activity"], transferred["data"]["to"]) == ("transferred", 2)
    assert (note["kind"], note["text"]) == ("note", "Yours")
    assert await sam.refused("transfer", request=1, to=77) == "not_found"
    while (await customer.push("request"))["request"]["agent"] != {"name": "Kim"}:
        pass


async def test_a_send_to_a_waiting_request_claims_it_as_well(people: People) -> None:
    _, sam, kim, _ = people
    await sam.ok("join", request=1)
    sent = await sam.ok("send", request=1, text="Hello")
    assert sent["seq"] == 5
    assert (await sam.push("message"))["message"]["activity"] == "claimed"
    assert (await kim.ok("send", request=1, text="Me too"))["seq"] == 6
    request = (await sam.ok("join", request=1))["request"]
    assert (request["agent"]["name"], request["seq"]) == ("Sam", 6)


async def test_a_closed_request_takes_notes_and_tags_but_no_texts(people: People) -> None:
    customer, sam, _, _ = people
    seq = (await sam.ok("close", request=1))["request"]["seq"]
    closed = await customer.push("message")
    assert closed["message"]["activity"] == "closed"
    assert (await customer.push("request"))["request"]["status"] == "closed"
    assert (await sam.ok("close", request=1))["request"]["seq"] == seq
    for kind, more in (("send", {"text": "x"}), ("claim", {}), ("transfer", {"to": 1})):
        assert await sam.refused(kind, request=1, **more) == "closed"
    assert (await sam.ok("note", request=1, text="odd"))["seq"] == seq + 1
    assert (await sam.ok("tag", request=1, add=["odd"]))["request"]["tags"] == ["odd"]


async def test_a_reopened_request_is_its_agent_s(people: People) -> None:
    customer, sam, kim, _ = people
    await customer.ok("close")
    request = (await sam.ok("reopen", request=1))["request"]
    assert (request["status"], request["agent"]["name"]) == ("active", "Sam")
    assert request["closed_at"] is None
    assert (await kim.ok("reopen", request=1))["request"]["agent"]["name"] == "Sam"
    await customer.ok("close")
    await customer.ok("open")
    assert await sam.refused("reopen", request=1) == "conflict"


async def test_tags_are_a_set(people: People) -> None:
    _, sam, _, _ = people
    await sam.ok("tag", request=1, add=["b", "a", "b"])
    request = (await sam.ok("tag", request=1, add=["c", "a"], remove=["b", "x"]))["request"]
    assert request["tags"] == ["a", "c"]
    assert (await log_of(sam))[-1]["data"] == {"add": ["c"], "remove": ["b"]}
    assert (await sam.ok("tag", request=1, add=["a"]))["request"]["seq"] == request["seq"]


@pytest.mark.parametrize("request_", [2, 2**53])
async def test_what_is_not_there_is_not_found(people: People, request_: int) -> None:
    sam = people[1]
    for kind in ("join", "claim", "release", "close", "reopen", "tag"):
        assert await sam.refused(kind, request=request_) == "not_found"
    for kind in ("send", "note"):
        assert await sam.refused(kind, request=request_, text="x") == "not_found"
    assert await sam.refused("history", request=request_, before=5) == "not_found"
    assert await sam.refused("transfer", request=request_, to=1) == "not_found"


async def test_a_log_says_who_did_what(people: People) -> None:
    customer, sam, _, _ = people
    await sam.ok("claim", request=1)
    await sam.ok("release", request=1)
    await customer.ok("rate", score=3)
    log = await log_of(sam)
    assert [(m["by"]["role"], m.get("activity"), m.get("data")) for m in log] == [
        ("customer", "opened", None),
        ("desk", None, None),
        ("customer", None, None),
        ("agent", "claimed", None),
        ("agent", "released", None),
        ("customer", "rated", {"score": 3, "comment": None}),
    ]
    assert log[3]["by"] == {"role": "agent", "id": 1, "name": "Sam"}
    assert all(m["text"] for m in log)


async def test_lists_are_by_number_descending_and_paged(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    for _ in range(7):
        await desk.asker()
    listed = await sam.ok("list", limit=3)
    assert listed.keys() == {"type", "ref", "requests", "more"}
    assert ([r["id"] for r in listed["requests"]], listed["more"]) == ([7, 6, 5], True)
    listed = await sam.ok("list", limit=3, before=5)
    assert ([r["id"] for r in listed["requests"]], listed["more"]) == ([4, 3, 2], True)
    listed = await sam.ok("list", limit=3, before=2)
    assert ([r["id"] for r in listed["requests"]], listed["more"]) == ([1], False)


async def test_every_filter_narrows(start: Start) -> None:
    async with start(sites={"shop": {"greeting": "Hi"}}) as desk:
        sam = await desk.agent("Sam")
        ada = await desk.asker(name="Ada", email="ada@example.org", text="100% _sure_")
        bob = await desk.customer(site="shop")
        await bob.ok("open", name="Bob", text="else")
        await sam.ok("claim", request=2)
        await sam.ok("tag", request=2, add=["vip"])
        await ada.ok("close")
        await ada.ok("open")
        [closed_at] = [r["closed_at"] for r in (await sam.ok("list", before=2))["requests"]]
        [third] = (await sam.ok("list", limit=1))["requests"]
        for wanted, found in (
            ({}, [3, 2, 1]),
            ({"status": "waiting"}, [3]),
            ({"status": "active"}, [2]),
            ({"status": "closed"}, [1]),
            ({"agent": 1}, [2]),
            ({"agent": 9}, []),
            ({"customer": 1}, [3, 1]),
            ({"customer": "Bob"}, [2]),
            ({"customer": "ada@example.org"}, [3, 1]),
            ({"site": "shop"}, [2]),
            ({"tag": "vip"}, [2]),
            ({"tag": "vi"}, []),
            ({"since": third["opened_at"]}, [3]),
            ({"until": third["opened_at"]}, [2, 1]),
            ({"since": "2020-01-01T00:00:00+14:00"}, [3, 2, 1]),
            ({"closed_before": closed_at}, []),
            ({"closed_before": "2999-01-01T00:00:00Z"}, [1]),
            ({"text": "SURE 100%"}, [1]),
            ({"text": "%"}, []),
            ({"text": "'; DROP TABLE message; --"}, []),
            ({"requests": [1, 3, 77]}, [3, 1]),
            ({"requests": []}, []),
            ({"customer": 1, "status": "closed"}, [1]),
        ):
            listed = await sam.ok("list", filter=wanted)
            assert [r["id"] for r in listed["requests"]] == found, wanted


async def test_the_control_socket_s_desk_is_the_author_unless_as_names_an_agent(
    desk: Desk,
) -> None:
    customer = await desk.asker()
    await desk.hire("Sam")
    control = await desk.control()
    assert control.welcome["agent"] is None
    await control.ok("send", request=1, ref="d", text="from the desk")
    assert (await customer.message("from the desk"))["by"] == {"role": "desk", "name": "Support"}
    await control.ok("note", request=1, text="aside")
    assert (await control.ok("send", request=1, ref="d", text="from the desk"))["seq"] == 3
    assert await control.refused("claim", request=1) == "forbidden"
    for name in ("Sam", 1):
        as_sam = await desk.control(**{"as": name})
        assert as_sam.welcome["agent"]["name"] == "Sam"
        await as_sam.ok("send", request=1, text=f"as {name}")
        assert (await customer.message(f"as {name}"))["by"] == {"role": "agent", "name": "Sam"}
        await as_sam.ok("agents")
    log = await log_of(control)
    assert log[2]["by"] == {"role": "desk", "id": None, "name": "Support"}
    assert log[2]["ref"] == "d"
    assert (await desk.customer()).welcome["desk"]["online"] is False


async def test_as_names_nobody_but_an_agent_and_counts_on_the_control_socket_alone(
    desk: Desk,
) -> None:
    hired = await desk.hire("Sam")
    await desk.hire("Lee", "admin")
    sam = await desk.back(hired["token"], **{"as": "Lee"})
    assert sam.welcome["agent"]["name"] == "Sam"
    with pytest.raises(AssertionError, match="not_found"):
        await desk.control(**{"as": "Nobody"})


async def test_the_control_socket_and_the_files_are_their_owner_s_alone(desk: Desk) -> None:
    await desk.asker()
    path = desk.settings.database_path
    made = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("desk.db*")}
    assert made[f"{path.name}.sock"] == 0o600
    assert made[f"{path.name}.lock"] == 0o600
    assert f"{path.name}-wal" in made
