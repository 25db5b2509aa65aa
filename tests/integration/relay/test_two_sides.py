"""Customers and agents together: pushes, tabs, typing, read marks, and hidden data."""

import json
from collections.abc import Iterator

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, HandClock, Wire

FORBIDDEN = {
    "tags",
    "hold",
    "data",
    "email",
    "customer_id",
    "user_agent",
    "site",
    "last",
    "verified",
}


def keys(value: object, path: str = "") -> Iterator[tuple[str, str, object]]:
    """Yield every key in *value* with where it stands and what is there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path, key, inner
            yield from keys(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)


async def busy_desk(desk: Desk) -> tuple[Wire, Wire]:
    """Return a customer and an agent after all that can happen to a request."""
    sam, kim = await desk.agent("Sam"), await desk.agent("Kim", "admin")
    customer = await desk.customer()
    await customer.ok("open", name="Ada", email="ada@example.org", text="Help")
    await sam.ok("join", request=1)
    await sam.ok("claim", request=1)
    await sam.ok("note", request=1, text="HUSH")
    await sam.ok("tag", request=1, add=["billing"])
    await sam.send("read", request=1, seq=5)
    await sam.send("typing", request=1, on=True)
    await sam.ok("send", request=1, text="Hello Ada")
    await sam.ok("transfer", request=1, to=2, note="HUSH too")
    await kim.ok("release", request=1)
    await kim.ok("send", request=1, text="It is me now")
    await kim.ok("agent_set", agent=2, name="Kimberley")
    await customer.send("read", seq=6)
    await customer.ok("history", before=99)
    await customer.ok("close")
    await customer.ok("rate", score=4, comment="fine")
    await kim.ok("note", request=1, text="HUSH again")
    await kim.ok("tag", request=1, add=["done"])
    await kim.ok("reopen", request=1)
    await customer.ok("history", before=99)
    return customer, sam


async def test_a_customer_never_sees_notes_or_what_is_the_agents_own(desk: Desk) -> None:
    customer, _ = await busy_desk(desk)
    tab = await desk.customer(token=customer.welcome["token"])
    for frame in customer.heard + tab.heard:
        for path, key, value in keys(frame):
            assert key not in FORBIDDEN, frame
            if path.endswith((".by", ".agent")):
                assert key in {"role", "name"}, frame
            assert value not in ("note", "tagged", "transferred", "released", "held"), frame
        assert "HUSH" not in json.dumps(frame)
    request = tab.welcome["request"]
    assert request.keys() == {
        "id",
        "status",
        "agent",
        "opened_at",
        "claimed_at",
        "closed_at",
        "seq",
        "read",
        "rating",
    }
    assert request["agent"] == {"name": "Kimberley"}


async def test_both_sides_are_dense_and_the_customer_s_is_the_visible_part(desk: Desk) -> None:
    customer, sam = await busy_desk(desk)
    all_of_it = (await sam.ok("join", request=1, after=0))["messages"]
    assert [message["seq"] for message in all_of_it] == list(range(1, len(all_of_it) + 1))
    tab = await desk.customer(token=customer.welcome["token"])
    seen = tab.welcome["messages"]
    assert [message["seq"] for message in seen] == list(range(1, len(seen) + 1))
    visible = {"opened", "claimed", "closed", "reopened", "rated", None}
    expected = [
        (m["kind"], m["text"], m["at"])
        for m in all_of_it
        if m["kind"] != "note" and m.get("activity") in visible
    ]
    assert [(m["kind"], m["text"], m["at"]) for m in seen] == expected


async def test_nothing_tells_a_customer_that_a_note_or_a_tag_exists(start: Start) -> None:
    clock = HandClock()
    async with start(clock) as desk:
        sam, customer = await desk.agent("Sam"), await desk.asker(text="Help")
        await sam.ok("join", request=1)
        await sam.send("read", request=1, seq=3)
        await customer.push("read", seq=3)
        clock.now += 2
        while (await customer.push("request"))["request"]["read"]["agent"] != 3:
            pass
        heard = len(customer.heard)
        await sam.ok("note", request=1, text="HUSH")
        await sam.ok("tag", request=1, add=["billing"])
        await sam.send("read", request=1, seq=4)
        clock.now += 2
        request: Frame = {"seq": 0, "read": {"agent": 0}}
        while (request["seq"], request["read"]["agent"]) != (5, 4):
            request = (await sam.push("request"))["request"]
        page = await customer.ok("history", before=99)
        assert customer.heard[heard:] == [page]


async def test_every_tab_hears_what_the_others_say(desk: Desk) -> None:
    first = await desk.customer()
    await first.ok("open", text="one")
    second = await desk.customer(token=first.welcome["token"])
    sent = await first.ok("send", ref="mine", text="two")
    message = await second.message("two")
    assert (message["seq"], message["ref"]) == (sent["seq"], "mine")
    await second.ok("send", text="three")
    assert (await first.message("three"))["seq"] == 5
    assert [frame for frame in first.heard if "two" in json.dumps(frame)] == []


async def test_a_tab_hears_that_another_has_opened_a_request(desk: Desk) -> None:
    first = await desk.customer()
    opened = await first.ok("open")
    await first.ok("close")
    second = await desk.customer(token=first.welcome["token"])
    opened = await first.ok("open", text="again")
    assert (await second.push("request"))["request"] == opened["request"]
    assert (await second.message("again"))["seq"] == 3
    assert (await second.ok("send", text="me too"))["seq"] == 4


async def test_a_message_s_shape_is_each_side_s_own(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    await sam.ok("join", request=1)
    sent = await customer.ok("send", text="Help")
    push = await sam.push("message")
    assert push == {
        "type": "message",
        "request": 1,
        "message": {
            "seq": 3,
            "kind": "text",
            "by": {"role": "customer", "id": 1, "name": None},
            "text": "Help",
            "at": sent["at"],
        },
    }
    sent = await sam.ok("send", request=1, text="Hello")
    claimed, hello = await customer.push("message"), await customer.push("message")
    assert claimed["message"]["activity"] == "claimed"
    assert hello == {
        "type": "message",
        "request": 1,
        "message": {
            "seq": 5,
            "kind": "text",
            "by": {"role": "agent", "name": "Sam"},
            "text": "Hello",
            "at": sent["at"],
        },
    }


async def test_read_marks_are_translated_between_the_two_numberings(desk: Desk) -> None:
    sam, kim, customer = await desk.agent("Sam"), await desk.agent("Kim"), await desk.asker()
    await sam.ok("join", request=1)  # 1 opened, 2 greeting
    await kim.ok("join", request=1)
    await sam.ok("note", request=1, text="n")  # 3
    await customer.ok("send", text="Help")  # 4, the customer's 3
    await sam.ok("note", request=1, text="n2")  # 5
    await sam.ok("send", request=1, text="Hello")  # 6 claimed, 7 text: the customer's 4 and 5
    await sam.send("read", request=1, seq=5)
    assert await customer.push("read") == {
        "type": "read",
        "request": 1,
        "by": "agent",
        "seq": 3,
    }
    assert (await kim.push("read", by="agent"))["seq"] == 5
    await customer.send("read", seq=3)
    assert (await sam.push("read", by="customer"))["seq"] == 4
    await customer.send("read", seq=99)
    assert (await sam.push("read", by="customer"))["seq"] == 7
    for backwards in (0, 2):
        await customer.send("read", seq=backwards)
        await sam.send("read", request=1, seq=backwards)
    assert (await sam.ok("join", request=1))["request"]["read"] == {"customer": 7, "agent": 5}
    tab = await desk.customer(token=customer.welcome["token"])
    assert tab.welcome["request"]["read"] == {"customer": 5, "agent": 3}
    assert sam.waiting("read") == []  # neither one's own nor one that moved nothing


async def test_what_is_closed_can_still_be_read(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    await sam.ok("join", request=1)
    await customer.ok("close")
    await customer.send("read", seq=3)
    assert (await sam.push("read"))["seq"] == 3
    request: Frame = {"read": {"customer": 0}}
    while request["read"]["customer"] != 3:
        request = (await sam.push("request"))["request"]
    await sam.send("read", request=1, seq=3)
    assert (await customer.push("read"))["seq"] == 3


async def test_typing_is_told_at_most_every_two_seconds(start: Start) -> None:
    clock = HandClock()
    async with start(clock, **FREE) as desk:
        sam, customer = await desk.agent("Sam"), await desk.asker()
        await sam.ok("join", request=1)
        for _ in range(5):
            await customer.send("typing", on=True)
        push = await sam.push("typing")
        assert push == {"type": "typing", "request": 1, "by": "customer", "on": True}
        clock.now += 2.1
        await customer.send("typing", on=True)
        await sam.push("typing", on=True)
        for _ in range(3):
            await customer.send("typing", on=False)
        await sam.push("typing", on=False)
        for on in (True, False) * 20:
            await customer.send("typing", on=on)
        await customer.ok("send", text="done")
        await sam.message("done")
        assert sam.waiting("typing") == []


async def test_typing_is_forgotten_after_six_seconds(start: Start) -> None:
    clock = HandClock()
    async with start(clock) as desk:
        sam, customer = await desk.agent("Sam"), await desk.asker()
        await sam.ok("join", request=1)
        await customer.send("typing", on=True)
        await sam.send("typing", request=1, on=True)
        await sam.push("typing", on=True)
        await customer.push("typing", by="agent", on=True)
        clock.now += 5.9
        await sam.ok("history", request=1, before=9)
        assert sam.waiting("typing") == []
        clock.now += 0.2
        await sam.push("typing", by="customer", on=False)
        await customer.push("typing", by="agent", on=False)


async def test_typing_ends_with_the_text_the_connection_and_the_request(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    tab = await desk.customer(token=customer.welcome["token"])
    await sam.ok("join", request=1)
    await customer.send("typing", on=True)
    await sam.push("typing", on=True)
    await customer.ok("send", text="Help")
    await sam.push("typing", on=False)
    await tab.send("typing", on=True)
    await sam.push("typing", on=True)
    await tab.socket.close()
    await sam.push("typing", on=False)
    await sam.send("typing", request=1, on=True)
    await customer.push("typing", on=True)
    await customer.ok("close")
    await customer.push("typing", on=False)
    await sam.send("typing", request=1, on=True)
    await sam.ok("note", request=1, text="x")
    await customer.ok("ping")
    assert customer.waiting("typing") == []


async def test_nobody_is_told_of_their_own_typing(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    tab = await desk.customer(token=customer.welcome["token"])
    await sam.ok("join", request=1)
    await customer.send("typing", on=True)
    await sam.push("typing", by="customer")
    await sam.send("typing", request=1, on=True)
    for client in (tab, customer):
        assert (await client.push("typing"))["by"] == "agent"
        assert client.waiting("typing") == []
    await sam.ok("ping")
    assert sam.waiting("typing") == []
