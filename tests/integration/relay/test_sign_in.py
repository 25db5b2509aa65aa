"""Signing in midway: the open request goes over to the customer whom the site has verified."""

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, Frame, Wire, number_of, texts
from tests.integration.relay.test_identity import KEY, signed

SIGNING = {"identity_keys": {"2026": KEY}}


async def sign_in(desk: Desk, anonymous: Wire, **hello: object) -> Wire:
    """Return the connection of the same browser after its customer has signed in."""
    hello = {"identity": signed(name="Ada Lovelace"), **hello}
    return await desk.customer(token=anonymous.welcome["token"], **hello)


def open_numbers(agent: Wire) -> set[int]:
    """Return the open requests of an agent's ``welcome``."""
    return {request["id"] for request in agent.welcome["requests"]}


async def seen_by(agent: Wire, state: str) -> Frame:
    """Return the verified customer as *agent* sees them in that *state*."""

    def wanted(frame: Frame) -> bool:
        person = frame["request"]["customer"] if frame["type"] == "request" else {}
        return bool(person.get("verified") and person[state])

    push = await agent.receive(wanted, f"a verified customer, {state}")
    person: Frame = push["request"]["customer"]
    return person


async def test_the_open_request_goes_over_and_both_sides_go_on(start: Start) -> None:
    async with start(**SIGNING) as desk:
        sam, anonymous = (
            await desk.agent("Sam"),
            await desk.asker(text="before", email="a@b.example"),
        )
        await sam.ok("join", request=1)
        known = await sign_in(desk, anonymous)
        assert known.welcome["request"]["id"] == 1
        assert texts(known.welcome["messages"])[-1] == "before"
        assert known.welcome["token"] != anonymous.welcome["token"]
        shown = (await sam.push("message"))["message"]
        assert (shown["activity"], shown["text"]) == ("verified", "Ada Lovelace signed in")
        person = await seen_by(sam, "online")
        assert (person["name"], person["email"]) == ("Ada Lovelace", "a@b.example")
        await sam.ok("send", request=1, text="an answer")
        assert (await known.message("an answer"))["seq"] == 5
        await known.ok("send", text="and back")
        assert (await sam.message("and back"))["by"]["name"] == "Ada Lovelace"


async def test_what_a_customer_sees_of_it_has_no_gap_and_is_resumed(start: Start) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker(text="before")
        known = await sign_in(desk, anonymous, request=1, after=3, epoch=anonymous.welcome["epoch"])
        assert (known.welcome["reset"], known.welcome["messages"]) == (False, [])
        assert (await known.ok("send", text="after"))["seq"] == 4
        messages: list[Frame] = (await known.ok("history", before=9))["messages"]
        assert [message["seq"] for message in messages] == [1, 2, 3, 4]
        assert "verified" not in {message.get("activity") for message in messages}
        assert all("ref" in message for message in messages if message["by"]["role"] == "customer"
                   and message["kind"] == "text")  # fmt: skip


async def test_the_old_token_alone_proves_nothing_and_its_connections_say_hello_again(
    start: Start,
) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker(text="before")
        await sign_in(desk, anonymous)
        assert await anonymous.ended() == 1012
        alone = await desk.customer(token=anonymous.welcome["token"])
        assert alone.welcome["request"] is None
        again = await sign_in(desk, anonymous)
        assert again.welcome["request"]["id"] == 1


async def test_a_text_that_was_not_answered_is_stored_once(start: Start) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker()
        first = await anonymous.ok("send", ref="r", text="once")
        known = await sign_in(desk, anonymous)
        assert await known.ok("send", ref="r", text="once") == first
        assert texts(known.welcome["messages"]).count("once") == 1


async def test_an_open_request_of_the_verified_customer_ends_and_says_why(start: Start) -> None:
    async with start(**SIGNING) as desk:
        sam, phone = await desk.agent("Sam"), await desk.customer(identity=signed())
        await phone.ok("open", ref="o", text="on the phone")
        await sam.ok("join", request=1)
        anonymous = await desk.customer()
        await anonymous.ok("open", ref="o", text="on the laptop")
        laptop = await sign_in(desk, anonymous)
        assert laptop.welcome["request"]["id"] == 2
        note = (await sam.push("message"))["message"]
        assert (note["kind"], note["by"]["role"]) == ("note", "desk")
        assert "#2" in note["text"]
        assert (await sam.push("message"))["message"]["activity"] == "closed"
        assert (await phone.push("message"))["message"]["activity"] == "closed"
        assert (await phone.push("request"))["request"]["status"] == "closed"
        assert (await phone.push("request"))["request"]["id"] == 2
        await laptop.ok("send", text="from both")
        assert (await phone.message("from both"))["seq"] == 4
        old = await phone.ok("history", request=1, before=9)
        assert texts(old["messages"])[-1] == "on the phone"
        assert open_numbers(await desk.agent("Kim")) == {2}


async def test_older_requests_stay_apart(start: Start) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker(text="long ago")
        await anonymous.ok("close")
        await anonymous.ok("open", text="now")
        known = await sign_in(desk, anonymous)
        assert known.welcome["request"]["id"] == 2
        assert await known.refused("history", request=1, before=9) == "not_found"
        assert (await desk.customer(token=anonymous.welcome["token"])).welcome["request"]["id"] == 1


async def test_a_closed_request_is_not_handed_over(start: Start) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker(text="over")
        await anonymous.ok("close")
        known = await sign_in(desk, anonymous)
        assert known.welcome["request"] is None
        assert (await desk.customer(token=anonymous.welcome["token"])).welcome["request"]["id"] == 1


@pytest.mark.parametrize("identity", [signed(exp=1), "", signed(kid=None)])
async def test_a_bad_identity_leaves_the_request_where_it_is(start: Start, identity: str) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker(text="before")
        client = await desk.socket("customer")
        assert await client.refused(
            "hello", token=anonymous.welcome["token"], identity=identity
        ) == "unauthorized"  # fmt: skip
        assert (await anonymous.ok("send", text="still mine"))["seq"] == 4


async def test_a_token_of_another_site_is_no_proof(start: Start) -> None:
    sites = {"shop": {"identity_keys": {"2026": "s" * 32}}}
    async with start(**SIGNING, sites=sites) as desk:
        anonymous = await desk.asker(text="before")
        other = await sign_in(desk, anonymous, site="shop", identity=signed(key="s" * 32))
        assert other.welcome["request"] is None
        again = await desk.customer(token=anonymous.welcome["token"])
        assert number_of(again) == 1


async def test_forgetting_the_verified_customer_erases_what_went_over(start: Start) -> None:
    async with start(**SIGNING) as desk:
        anonymous = await desk.asker(text="a secret", name="Ada")
        known = await sign_in(desk, anonymous)
        await known.ok("forget")
        assert await known.ended() == 4000
        control = await desk.control()
        assert (await control.ok("list"))["requests"] == []
        assert (await control.ok("search", text="Ada"))["hits"] == []
