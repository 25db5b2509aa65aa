"""An agent's ``hello`` and ``welcome``, and the pushes to agents: presence, watching, canned."""

import time

import pytest

from relay.service.handlers import hello
from relay.version import PROGRAM_VERSION
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame


def ids(requests: list[Frame]) -> list[int]:
    return [request["id"] for request in requests]


async def test_an_agent_s_welcome_is_as_the_protocol_shows_it(desk: Desk) -> None:
    sam = await desk.agent("Sam", ref="1", client="helpdesk-tui/0.1.0", queue=True)
    assert sam.welcome.pop("epoch")
    assert sam.welcome == {
        "type": "welcome",
        "ref": "1",
        "agent": {"id": 1, "name": "Sam", "role": "agent", "status": "online"},
        "agents": [{"id": 1, "name": "Sam", "role": "agent", "status": "online"}],
        "requests": [],
        "more": False,
        "canned": [],
        "limits": {"text": 4000, "frame": 65536, "messages_per_second": 50, "burst": 200},
        "version": PROGRAM_VERSION,
    }


async def test_an_agent_sees_all_of_a_request(desk: Desk) -> None:
    customer = await desk.customer(page={"url": "https://shop.example/"}, locale="en-GB")
    await customer.ok("open", name="Ada", email="ada@example.org", text="x" * 200)
    [request] = (await desk.agent("Sam")).welcome["requests"]
    opened, last = request.pop("opened_at"), request.pop("last")
    assert request.pop("user_agent").startswith("Python")
    assert last == {"text": "x" * 120, "by": "customer", "at": opened}
    assert request == {
        "id": 1,
        "status": "waiting",
        "agent": None,
        "claimed_at": None,
        "closed_at": None,
        "seq": 3,
        "read": {"customer": 0, "agent": 0},
        "rating": None,
        "customer": {
            "id": 1,
            "name": "Ada",
            "email": "ada@example.org",
            "verified": False,
            "online": True,
        },
        "site": "default",
        "page": {"url": "https://shop.example/", "title": None, "referrer": None},
        "locale": "en-GB",
        "waiting_since": opened,
        "tags": [],
        "hold": None,
    }


async def test_the_longest_waiting_come_first_and_closed_ones_not_at_all(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customers = [await desk.asker() for _ in range(5)]
    await sam.ok("send", request=1, text="Hello")  # answered: waits no longer
    await customers[1].ok("close")
    await sam.ok("claim", request=4)  # claimed, but not answered
    await sam.ok("send", request=3, text="Hello")
    await customers[2].ok("send", text="Thanks")  # waits again, since just now
    welcome = (await desk.agent("Kim")).welcome
    assert ids(welcome["requests"]) == [4, 5, 3, 1]
    assert welcome["requests"][-1]["waiting_since"] is None


async def test_a_welcome_has_a_bound_and_says_if_there_is_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hello.MOST_REQUESTS == 500
    monkeypatch.setattr(hello, "MOST_REQUESTS", 3)
    for _ in range(3):
        await desk.asker()
    welcome = (await desk.agent("Sam")).welcome
    assert (ids(welcome["requests"]), welcome["more"]) == ([1, 2, 3], False)
    await desk.asker()
    welcome = (await desk.agent("Kim")).welcome
    assert (ids(welcome["requests"]), welcome["more"]) == ([1, 2, 3], True)


async def test_without_the_queue_only_joined_requests_are_pushed(desk: Desk) -> None:
    first, second = await desk.asker(), await desk.asker()
    bot = await desk.agent("Bot", queue=False)
    assert (bot.welcome["requests"], bot.welcome["more"]) == ([], False)
    await bot.ok("join", request=1)
    await second.ok("close")
    await first.ok("close")
    assert (await bot.push("request"))["request"]["id"] == 1
    assert [frame for frame in bot.heard if frame.get("request", {}) == 2] == []
    assert 2 not in [push["request"]["id"] for push in bot.waiting("request")]


async def test_agents_hear_of_each_other_s_coming_status_and_going(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    kim = await desk.agent("Kim")
    shown = {"id": 2, "name": "Kim", "role": "agent"}
    await sam.push("agent", agent=shown | {"status": "offline"})  # hired
    await sam.push("agent", agent=shown | {"status": "online"})
    await kim.ok("status", status="away")
    await sam.push("agent", agent=shown | {"status": "away"})
    lee = await desk.agent("Lee")
    assert {a["name"]: a["status"] for a in lee.welcome["agents"]} == {
        "Sam": "online",
        "Kim": "away",
        "Lee": "online",
    }
    await kim.socket.close()
    await sam.push("agent", agent=shown | {"status": "offline"})
    assert not any(frame.get("agent", {}).get("id") == 1 for frame in sam.heard[1:])


async def test_an_agent_who_was_away_starts_online_again(desk: Desk) -> None:
    token = (await desk.hire("Sam"))["token"]
    sam = await desk.back(token)
    await sam.ok("status", status="away")
    await sam.socket.close()
    assert (await desk.back(token)).welcome["agent"]["status"] == "online"


async def test_everybody_hears_who_has_a_request_open(desk: Desk) -> None:
    await desk.asker()
    sam, kim = await desk.agent("Sam"), await desk.agent("Kim")
    await sam.ok("join", request=1)
    one = {"id": 1, "name": "Sam"}
    await kim.push("watching", request=1, agents=[one])
    await kim.ok("join", request=1)
    await sam.push("watching", request=1, agents=[one, {"id": 2, "name": "Kim"}])
    lee = await desk.agent("Lee")
    await lee.push("watching", request=1, agents=[one, {"id": 2, "name": "Kim"}])
    await kim.send("leave", request=1)
    await lee.push("watching", request=1, agents=[one])
    await sam.socket.close()
    await lee.push("watching", request=1, agents=[])


async def test_a_customer_s_presence_reaches_the_agents(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    assert (await sam.push("request"))["request"]["customer"]["online"] is True
    await customer.socket.close()
    while (await sam.push("request"))["request"]["customer"]["online"]:
        pass
    await desk.customer(token=customer.welcome["token"])
    while not (await sam.push("request"))["request"]["customer"]["online"]:
        pass


async def test_canned_responses_reach_everybody_and_the_next_welcome(desk: Desk) -> None:
    admin, sam = await desk.agent("Lee", "admin"), await desk.agent("Sam")
    one, two = {"name": "bye", "text": "Bye"}, {"name": "hello", "text": "Hello {customer},\nhi"}
    assert (await admin.ok("canned_set", **two)).keys() == {"type", "ref"}
    await sam.push("canned", canned=[two])
    await admin.ok("canned_set", **one)
    await admin.ok("canned_set", **two)
    await sam.push("canned", canned=[one, two])
    assert (await desk.agent("Kim")).welcome["canned"] == [one, two]
    await admin.ok("canned_remove", name="bye")
    while (await sam.push("canned"))["canned"] != [two]:
        pass
    await admin.ok("canned_remove", name="bye")


async def test_a_burst_of_messages_pushes_its_request_once_a_second(start: Start) -> None:
    async with start(**FREE) as desk:
        sam, customer = await desk.agent("Sam"), await desk.asker()
        begun = time.monotonic()
        for number in range(50):
            await customer.ok("send", text=f"{number}")
        request: Frame = {"seq": 0}
        pushes = 0
        while request["seq"] < 52:
            request, pushes = (await sam.push("request"))["request"], pushes + 1
        assert request["last"]["text"] == "49"
        assert pushes <= 3 + (time.monotonic() - begun)


async def test_notes_on_a_closed_request_push_it_once_a_second_too(start: Start) -> None:
    async with start(**FREE) as desk:
        sam, customer = await desk.agent("Sam"), await desk.asker()
        begun = time.monotonic()
        await customer.ok("close")
        for number in range(50):
            await sam.ok("note", request=1, text=f"{number}")
        request: Frame = {"seq": 0}
        while request["seq"] < 53:
            request = (await sam.push("request"))["request"]
        pushes = len([frame for frame in sam.heard if frame["type"] == "request"])
        assert pushes <= 5 + (time.monotonic() - begun)


async def test_what_agents_do_pushes_the_request_at_once(desk: Desk) -> None:
    sam, kim = await desk.agent("Sam"), await desk.agent("Kim")
    customer = await desk.asker()
    await kim.push("request")
    await sam.ok("claim", request=1)
    await sam.ok("tag", request=1, add=["a"])
    await sam.ok("release", request=1)
    await customer.ok("close")
    states = [(await kim.push("request"))["request"] for _ in range(4)]
    assert [(r["status"], r["agent"] and r["agent"]["id"], r["tags"]) for r in states] == [
        ("active", 1, []),
        ("active", 1, ["a"]),
        ("waiting", None, ["a"]),
        ("closed", None, ["a"]),
    ]


async def test_a_second_console_of_an_agent_is_no_news_to_the_others(desk: Desk) -> None:
    kim = await desk.agent("Kim")
    hired = await desk.hire("Sam")
    first = await desk.back(hired["token"])
    await kim.push("agent", agent=hired["agent"] | {"status": "online"})
    second = await desk.back(hired["token"])
    await second.socket.close()
    await first.ok("status", status="away")
    await kim.push("agent", agent=hired["agent"] | {"status": "away"})
    assert [frame["agent"]["status"] for frame in kim.heard if frame["type"] == "agent"] == [
        "offline",  # hired
        "online",
        "away",
    ]
