"""Actors without a connection: what a socket can do, mail or a bot can do in the process."""

import asyncio
import logging

import pytest

from relay import auth
from relay.desk.actors import AgentActor, CustomerActor
from relay.desk.contact import Contact
from relay.desk.request import Agent, Visit
from relay.errors import Code, Refused
from relay.service import Service
from relay.service.reply import Reply
from relay.wire import agent_in, agent_out, customer
from relay.wire.codec import ref_of
from relay.wire.objects import OutboundFrame, Sent
from tests.integration.relay.helpers import Desk, texts
from tests.patience import PATIENCE

Answer = OutboundFrame | Refused | None


class RecordingReply(Reply):
    """A reply that keeps its one answer."""

    def __init__(self, ref: str | None) -> None:
        self.ref = ref
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def ok(self, frame: OutboundFrame) -> None:
        self.answer.set_result(frame)

    def error(self, refused: Refused) -> None:
        self.answer.set_result(refused)

    def finish(self) -> None:
        self.answer.set_result(None)

    def push(self, frame: OutboundFrame) -> None:
        raise AssertionError(f"nothing here takes long, but {frame}")

    def detach(self) -> None:
        raise AssertionError("nothing here takes long")


def service_of(desk: Desk) -> Service:
    assert desk.relay.service is not None
    return desk.relay.service


async def as_customer(desk: Desk, actor: CustomerActor, frame: customer.ClientFrame) -> Answer:
    reply = RecordingReply(ref_of(frame))
    service_of(desk).submit(actor, frame, reply)
    return await asyncio.wait_for(reply.answer, PATIENCE)


async def as_agent(desk: Desk, actor: AgentActor, frame: agent_in.ClientFrame) -> Answer:
    reply = RecordingReply(ref_of(frame))
    service_of(desk).submit(actor, frame, reply)
    return await asyncio.wait_for(reply.answer, PATIENCE)


def actor_of(token: str) -> CustomerActor:
    """Return the customer with that *token*."""
    contact = Contact(name="Ada")
    return CustomerActor("default", auth.token_hash(token), contact, False, Visit())


async def agent_actor(desk: Desk, name: str, role: str = "agent") -> AgentActor:
    """Return a new agent."""
    hired = (await desk.hire(name, role))["agent"]
    return AgentActor(Agent(hired["id"], name, role), admin=role == "admin")


async def test_a_whole_request_without_a_connection_is_seen_by_a_console_and_a_widget(
    desk: Desk,
) -> None:
    console, widget = await desk.agent("Kim"), await desk.customer()
    ada, sam = actor_of(widget.welcome["token"]), await agent_actor(desk, "Sam")

    opened = await as_customer(desk, ada, customer.Open("o", text="Help"))
    assert isinstance(opened, customer.Opened)
    number = opened.request.id
    assert [message.text for message in opened.messages][-1] == "Help"
    assert opened.messages[-1].ref == "o"
    assert (await widget.message("Help"))["ref"] == "o"
    assert (await console.push("request"))["request"]["id"] == number
    await console.ok("join", request=number)

    assert isinstance(await as_customer(desk, ada, customer.Send("s", "Anyone?")), Sent)
    await asyncio.gather(widget.message("Anyone?"), console.message("Anyone?"))

    assert isinstance(await as_agent(desk, sam, agent_in.Claim("c", number)), agent_out.Ok)
    sent = await as_agent(desk, sam, agent_in.Send("a", number, "Here."))
    assert isinstance(sent, Sent)
    again = await as_agent(desk, sam, agent_in.Send("a", number, "Here."))
    assert again == sent
    assert isinstance(await as_agent(desk, sam, agent_in.Note("n", number, "New.")), Sent)
    assert isinstance(await as_agent(desk, sam, agent_in.Close("x", number)), agent_out.Ok)
    assert await as_customer(desk, ada, customer.Rate("r", 5)) == customer.Rated("r")

    seen = await console.ok("history", request=number, before=999)
    assert texts(seen["messages"])[1:] == ["Help", "Anyone?", "Here.", "New."]
    shown = await widget.ok("history", before=999)
    assert texts(shown["messages"])[1:] == ["Help", "Anyone?", "Here."]
    assert (await console.message("Here."))["by"]["name"] == "Sam"
    await widget.message("Here.")
    assert not [push for push in widget.waiting("message") if push["message"]["text"] == "New."]


async def test_a_revoked_agent_is_refused_without_a_connection_too(desk: Desk) -> None:
    ada, sam = await desk.asker(text="Help"), await agent_actor(desk, "Sam")
    number = ada.welcome["request"]["id"]
    root = await desk.control()
    assert sam.agent is not None
    await root.ok("agent_set", agent=sam.agent.id, disabled=True)
    refused = await as_agent(desk, sam, agent_in.Send("a", number, "Hello"))
    assert isinstance(refused, Refused)
    assert refused.code is Code.UNAUTHORIZED


async def test_only_an_admin_by_the_store_may_do_what_admins_may(desk: Desk) -> None:
    sam = await agent_actor(desk, "Sam")
    frame = agent_in.AgentAdd("a", "Eve")
    refused = await as_agent(desk, sam, frame)
    assert isinstance(refused, Refused)
    sam.admin = True  # which the actor believes, and the store does not
    refused = await as_agent(desk, sam, frame)
    assert isinstance(refused, Refused)
    assert refused.code is Code.FORBIDDEN
    kim = await agent_actor(desk, "Kim", role="admin")
    assert isinstance(await as_agent(desk, kim, frame), agent_out.AgentAdded)


async def test_a_join_without_a_connection_only_reads(desk: Desk) -> None:
    ada, sam = await desk.asker(text="Help"), await agent_actor(desk, "Sam")
    number = ada.welcome["request"]["id"]
    joined = await as_agent(desk, sam, agent_in.Join("j", number))
    assert isinstance(joined, agent_out.Joined)
    assert [message.text for message in joined.messages][-1] == "Help"
    assert await as_agent(desk, sam, agent_in.SetRead(number, 1)) is None
    assert await as_agent(desk, sam, agent_in.Leave(number)) is None


async def test_events_are_only_for_connections(desk: Desk) -> None:
    sam = await agent_actor(desk, "Sam")
    refused = await as_agent(desk, sam, agent_in.Follow("f"))
    assert isinstance(refused, Refused)
    assert refused.code is Code.INVALID


async def test_a_revoked_agent_reads_nothing_either(desk: Desk) -> None:
    ada, sam = await desk.asker(text="Help"), await agent_actor(desk, "Sam", role="admin")
    number = ada.welcome["request"]["id"]
    root = await desk.control()
    assert sam.agent is not None
    await root.ok("agent_set", agent=sam.agent.id, disabled=True)
    for frame in (
        agent_in.Join("j", number),
        agent_in.List("l"),
        agent_in.Search("s", "help"),
        agent_in.Agents("a"),
        agent_in.Purge("p", dry_run=True),
    ):
        refused = await as_agent(desk, sam, frame)
        assert isinstance(refused, Refused)
        assert refused.code is Code.UNAUTHORIZED


async def test_what_is_no_text_for_a_socket_is_none_in_process(desk: Desk) -> None:
    ada = actor_of("hdc_ada")
    opened = await as_customer(desk, ada, customer.Open("o", text="\x1b[2J\x00 hello"))
    assert isinstance(opened, customer.Opened)
    assert "\x1b" not in opened.messages[-1].text
    for frame in (
        customer.Send("s", "x" * 700_000),
        customer.Send("e", "\x00"),
        customer.Open("m", email="e" * 5_000),
    ):
        refused = await as_customer(desk, ada, frame)
        assert isinstance(refused, Refused)
        assert refused.code is Code.INVALID


async def test_a_frame_of_connections_alone_is_refused(desk: Desk) -> None:
    sam = await agent_actor(desk, "Sam")
    for frame in (agent_in.Ping("p"), agent_in.Hello("h")):
        assert isinstance(await as_agent(desk, sam, frame), Refused)
    assert isinstance(await as_customer(desk, actor_of("hdc_a"), customer.Ping("p")), Refused)


async def test_an_actor_of_the_desk_has_an_admins_rights_only_if_it_says_so(desk: Desk) -> None:
    ada, kim = await desk.asker(text="Help"), await desk.agent("Kim")
    number = ada.welcome["request"]["id"]
    await kim.ok("claim", request=number)
    script = AgentActor(None, admin=False)
    refused = await as_agent(desk, script, agent_in.Release("r", number))
    assert isinstance(refused, Refused)
    script.admin = True
    assert isinstance(await as_agent(desk, script, agent_in.Release("r", number)), agent_out.Ok)


async def test_a_caller_that_does_not_take_its_answer_keeps_nobody_from_the_message(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ada, kim = await desk.asker(text="Help"), await desk.agent("Kim")
    number = ada.welcome["request"]["id"]
    await kim.ok("join", request=number)
    sam = await agent_actor(desk, "Sam")
    reply = RecordingReply("a")
    reply.answer.cancel()
    service_of(desk).submit(sam, agent_in.Send("a", number, "Here."), reply)
    await kim.message("Here.")
    shown = await kim.receive(lambda frame: frame["type"] == "request", "request")
    assert shown["request"]["status"] == "active"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
