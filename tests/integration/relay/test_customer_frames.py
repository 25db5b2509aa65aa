"""Customers' frames: open, send, history, page, close, rate (section 4)."""

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, number_of, texts


def activities(messages: list[Frame]) -> list[str]:
    return [message["activity"] for message in messages if message["kind"] == "activity"]


async def test_open_stores_the_activity_the_greeting_and_the_text_in_that_order(
    desk: Desk,
) -> None:
    customer = await desk.customer()
    opened = await customer.ok("open", ref="o1", name="Ada", email="ada@example.org", text="Help")
    assert opened.keys() == {"type", "ref", "request", "messages", "more"}
    assert (opened["type"], opened["ref"], opened["more"]) == ("opened", "o1", False)
    assert [(m["seq"], m["kind"], m["by"]["role"]) for m in opened["messages"]] == [
        (1, "activity", "customer"),
        (2, "text", "desk"),
        (3, "text", "customer"),
    ]
    assert opened["messages"][2]["ref"] == "o1"
    assert opened["request"]["seq"] == 3


async def test_open_without_a_text_stores_the_greeting_alone(desk: Desk) -> None:
    opened = await (await desk.customer()).ok("open")
    assert texts(opened["messages"]) == ["Hello! How can we help you?"]


async def test_each_site_has_its_own_greeting(start: Start) -> None:
    sites = {"shop": {"greeting": "Welcome to the shop"}, "blog": {}}
    async with start(greeting="Hi", sites=sites) as desk:
        for site, greeting in (("default", "Hi"), ("shop", "Welcome to the shop"), ("blog", "Hi")):
            opened = await (await desk.customer(site=site)).ok("open")
            assert texts(opened["messages"]) == [greeting]


@pytest.mark.parametrize("text", ["Help", None])
async def test_the_same_ref_gives_that_request_again_closed_or_not(
    desk: Desk, text: str | None
) -> None:
    customer = await desk.customer()
    first = await customer.ok("open", ref="o1", text=text)
    again = await customer.ok("open", ref="o1", text=text)
    assert again == first
    await customer.ok("close")
    again = await customer.ok("open", ref="o1", text=text)
    assert again["request"] | {"status": "closed"} == again["request"]
    assert again["messages"][: len(first["messages"])] == first["messages"]
    assert (await customer.ok("open", ref="o2", text=text))["request"]["id"] == 2
    assert (await customer.ok("open", ref="o1", text=text))["request"]["id"] == 1


async def test_the_same_ref_with_another_text_is_invalid(desk: Desk) -> None:
    customer = await desk.customer()
    await customer.ok("open", ref="o1", text="Help")
    assert await customer.refused("open", ref="o1", text="Help!") == "invalid"
    assert await customer.refused("open", ref="o1") == "invalid"
    await customer.ok("open", ref="o2")


async def test_another_ref_while_one_is_open_introduces_and_says(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker(text="Help")
    again = await customer.ok("open", name="Ada", email="ada@example.org", text="Hello?")
    assert again["request"]["id"] == number_of(customer)
    assert texts(again["messages"])[1:] == ["Help", "Hello?"]
    joined = await sam.ok("join", request=1)
    person = joined["request"]["customer"]
    assert (person["name"], person["email"]) == ("Ada", "ada@example.org")
    assert (await customer.ok("open"))["request"]["seq"] == 4


async def test_the_ref_of_an_open_that_stored_nothing_gives_that_request_again_too(
    desk: Desk,
) -> None:
    customer = await desk.asker(text="Help")
    await customer.ok("open", ref="o2")
    await customer.ok("close")
    again = await customer.ok("open", ref="o2")
    assert (again["request"]["id"], again["request"]["status"]) == (1, "closed")


async def test_a_text_gets_the_next_seq_and_a_time(desk: Desk) -> None:
    customer = await desk.asker()
    sent = await customer.ok("send", ref="s1", text="Help")
    assert sent.keys() == {"type", "ref", "seq", "at"}
    assert (sent["type"], sent["seq"]) == ("sent", 3)
    page = await customer.ok("history", before=99)
    assert page["messages"][-1]["at"] == sent["at"]


async def test_there_is_nothing_to_say_where_nothing_is_open(desk: Desk) -> None:
    customer = await desk.customer()
    assert await customer.refused("send", text="x") == "closed"
    await customer.ok("open")
    await customer.ok("close")
    assert await customer.refused("send", text="x") == "closed"
    assert await customer.refused("send", text="x", request=1) == "closed"
    await customer.ok("open")
    assert await customer.refused("send", text="x", request=1) == "closed"
    assert (await customer.ok("send", text="x", request=2))["seq"] == 3


async def test_nobody_reaches_another_s_request(desk: Desk) -> None:
    await desk.asker(text="secret")
    thief = await desk.asker()
    for kind, more in (("send", {"text": "x"}), ("history", {"before": 9}), ("rate", {"score": 1})):
        assert await thief.refused(kind, request=1, **more) == "not_found"
        assert await thief.refused(kind, request=77, **more) == "not_found"
    assert not any("secret" in str(frame) for frame in thief.heard)


async def test_history_is_dense_oldest_first_and_says_if_there_is_more(start: Start) -> None:
    async with start(**FREE) as desk:
        customer = await desk.asker()
        for number in range(3, 131):
            await customer.ok("send", text=f"{number}")
        found: list[int] = []
        before, more = 131, True
        while more:
            page = await customer.ok("history", before=before)
            assert page.keys() == {"type", "ref", "messages", "more"}
            assert len(page["messages"]) <= 50
            found = [message["seq"] for message in page["messages"]] + found
            before, more = found[0], page["more"]
        assert found == list(range(1, 131))
        page = await customer.ok("history", before=131, limit=200)
        assert (len(page["messages"]), page["more"]) == (130, False)
        page = await customer.ok("history", before=11, limit=10)
        assert (page["messages"][0]["seq"], page["more"]) == (1, False)
        page = await customer.ok("history", before=11, limit=9)
        assert (page["messages"][0]["seq"], page["more"]) == (2, True)
        for before in (0, 1):
            page = await customer.ok("history", before=before)
            assert (page["messages"], page["more"]) == ([], False)


async def test_history_of_an_earlier_request_can_be_read(desk: Desk) -> None:
    customer = await desk.asker(text="one")
    await customer.ok("close")
    await customer.ok("open", text="two")
    page = await customer.ok("history", before=99, request=1)
    assert texts(page["messages"])[-1] == "one"
    assert activities(page["messages"]) == ["opened", "closed"]


async def test_agents_see_where_the_customer_is(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    page = {"url": "https://shop.example/a", "title": "A", "referrer": "https://find.example/"}
    customer = await desk.customer(page=page, locale="en-GB")
    await customer.ok("open")
    request = (await sam.push("request"))["request"]
    assert (request["page"], request["locale"]) == (page, "en-GB")
    assert "websockets" in request["user_agent"]
    moved = {"url": "https://shop.example/b", "title": None, "referrer": None}
    await customer.send("page", page={"url": moved["url"]}, locale="fr")
    while request["page"] == page:
        request = (await sam.push("request"))["request"]
    assert (request["page"], request["locale"]) == (moved, "fr")


async def test_a_customer_who_comes_back_on_another_page_is_seen_there(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    page = {"url": "https://shop.example/b", "title": "B", "referrer": None}
    await desk.customer(token=customer.welcome["token"], page=page)
    request: Frame = {"page": None}
    while request["page"] != page:
        request = (await sam.push("request"))["request"]


async def test_close_ends_the_request_for_everybody(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    await sam.ok("join", request=1)
    closed = await customer.ok("close")
    assert closed.keys() == {"type", "ref", "request"}
    assert closed["request"]["status"] == "closed"
    assert (await sam.push("message"))["message"]["activity"] == "closed"
    while (await sam.push("request"))["request"]["status"] != "closed":
        pass
    seq = closed["request"]["seq"]
    assert (await customer.ok("close"))["request"]["seq"] == seq
    assert await (await desk.customer()).refused("close") == "not_found"


async def test_a_rating_is_for_the_latest_request_also_when_it_is_closed(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker()
    assert await customer.ok("rate", ref="x", score=2) == {"type": "rated", "ref": "x"}
    await customer.ok("close")
    await customer.ok("rate", score=5, comment="Thank you")
    joined = await sam.ok("join", request=1)
    rating = joined["request"]["rating"]
    assert (rating["score"], rating["comment"]) == (5, "Thank you")
    assert rating.keys() == {"score", "comment", "at"}
    assert joined["messages"][-1]["data"] == {"score": 5, "comment": "Thank you"}
    seq = joined["request"]["seq"]
    await customer.ok("rate", score=5, comment="Thank you")
    assert (await sam.ok("join", request=1))["request"]["seq"] == seq
    assert await (await desk.customer()).refused("rate", score=1) == "not_found"


async def test_a_customer_sees_their_reopened_request_as_their_own_again(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.asker(text="one")
    await customer.ok("close")
    await customer.ok("open", text="two")
    await customer.ok("close")
    await sam.ok("reopen", request=1)
    assert (await customer.ok("send", text="more"))["seq"] == 6
    assert (await customer.ok("open", text="and more"))["request"]["id"] == 1
    welcome = (await desk.customer(token=customer.welcome["token"])).welcome
    assert welcome["request"]["id"] == 1
    await customer.send("typing", on=True)
    await sam.ok("join", request=1)
    await customer.ok("close")
    assert (await customer.ok("open", text="three"))["request"]["id"] == 3
