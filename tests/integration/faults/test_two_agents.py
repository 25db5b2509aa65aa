"""Two agents on one request, one of them offline for a while: same order, correct retries."""

from pathlib import Path

from tests.free_port import free_port
from tests.integration.relay.helpers import FREE, Frame, Wire, texts
from tests.integration.relay.relay_process import Served, agent_of, customer_of, served

SETTINGS = {**FREE, "connections_per_address": 0}


async def history(agent: Wire) -> list[Frame]:
    page = await agent.ok("history", request=1, before=999, limit=200)
    messages: list[Frame] = page["messages"]
    return messages


async def test_who_comes_back_is_given_a_colleagues_reply_before_what_was_queued_goes_out(
    tmp_path: Path,
) -> None:
    async with served(tmp_path / "desk.db", **SETTINGS) as relay:
        sam_token, kim = await relay.hire("Sam"), await agent_of(relay, await relay.hire("Kim"))
        customer = await customer_of(relay)
        await customer.ok("open", text="Where is my parcel?")
        seen = await _look_and_lose_the_connection(relay, sam_token)
        await kim.ok("join", request=1)
        await kim.ok("send", request=1, text="Kim: it is at the depot")

        sam = await agent_of(relay, sam_token)
        await sam.send("join", ref="join", request=1, after=seen)
        await sam.send("send", ref="queued", request=1, text="Sam: let me look")
        sent = await sam.answer("queued")

        order = [frame.get("ref") for frame in sam.heard if frame.get("ref") in {"join", "queued"}]
        assert order == ["join", "queued"]
        joined = next(frame for frame in sam.heard if frame.get("ref") == "join")
        assert "Kim: it is at the depot" in texts(joined["messages"])
        assert sent["seq"] == joined["messages"][-1]["seq"] + 1
        of_sam, of_kim = await history(sam), await history(kim)
        for message in (*of_sam, *of_kim):
            message.pop("ref", None)
        assert of_sam == of_kim
        said = ["Kim: it is at the depot", "Sam: let me look"]
        assert texts(of_kim)[-2:] == said
        for text in said:
            await customer.message(text)
        for client in (sam, kim, customer):
            await client.socket.close()


async def _look_and_lose_the_connection(relay: Served, token: str) -> int:
    agent = await agent_of(relay, token)
    joined = await agent.ok("join", request=1)
    agent.socket.transport.abort()
    seen: int = joined["messages"][-1]["seq"]
    return seen


async def test_each_retry_that_is_answered_sent_names_the_row_that_holds_its_text(
    tmp_path: Path,
) -> None:
    database, port = tmp_path / "desk.db", free_port()
    async with served(database, port, **SETTINGS) as relay:
        token = await relay.hire("Sam")
        customer, sam = await customer_of(relay), await agent_of(relay, token)
        await customer.ok("open")
        first = {
            ref: await client.ok("send", ref=ref, request=1, text=f"text of {ref}")
            for client, ref in [(customer, "c1"), (sam, "s1"), (customer, "c2"), (sam, "s2")]
        }
        for client in (customer, sam):  # on the wire, answered or not, when the relay dies
            await client.send("send", ref="last", request=1, text="text of last")
        await relay.kill()
    async with served(database, port, **SETTINGS) as relay:
        again = await customer_of(relay, token=customer.welcome["token"])
        sam = await agent_of(relay, token)
        for client, refs in ((again, ["c1", "c2", "last"]), (sam, ["s1", "s2", "last"])):
            for ref in refs:
                sent = await client.ok("send", ref=ref, request=1, text=f"text of {ref}")
                page = await client.ok("history", request=1, before=sent["seq"] + 1, limit=1)
                named = page["messages"][-1]
                assert (named["seq"], named["text"]) == (sent["seq"], f"text of {ref}")
                assert sent["seq"] == first.get(ref, sent)["seq"]
        log = texts(await history(sam))
        assert all(log.count(f"text of {ref}") == 1 for ref in first)
        assert log.count("text of last") == 2  # the customer's and the agent's, each once
        for client in (again, sam):
            await client.socket.close()
