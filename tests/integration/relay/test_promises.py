"""Promises about messages: stored once, in order, dense, not lost (section 6)."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, Wire, number_of
from tests.patience import PATIENCE


def stored(desk: Desk, request: int) -> list[tuple[int, int | None, str]]:
    """Return what the file holds of a request: both numbers and the text."""
    with closing(sqlite3.connect(desk.settings.database_path)) as file:
        return file.execute(
            "SELECT seq, customer_seq, text FROM message WHERE request_id = ? ORDER BY seq",
            (request,),
        ).fetchall()


def transcript(client: Wire, request: int) -> list[tuple[int, str]]:
    """Return what *client* was told of a request since it opened or joined it, in that order."""
    told: list[tuple[int, str]] = []
    asked: dict[str, str] = client.__dict__.setdefault("said", {})
    for frame in client.heard:
        match frame:
            case {"type": "opened" | "joined", "messages": messages, "request": {"id": number}}:
                told += [(m["seq"], m["text"]) for m in messages if number == request]
            case {"type": "message", "request": number, "message": m} if number == request:
                told.append((m["seq"], m["text"]))
            case {"type": "sent", "seq": seq, "ref": ref} if ref.startswith(f"{request}:"):
                told.append((seq, asked[ref]))
    return told


async def say(client: Wire, request: int, kind: str, text: str) -> None:
    ref = f"{request}:{text}"
    client.__dict__.setdefault("said", {})[ref] = text
    of = {} if kind == "customer" else {"request": request}
    await client.send("send" if kind == "customer" else kind, ref=ref, text=text, **of)


async def test_a_retry_gives_the_first_answer_again_even_when_closed(desk: Desk) -> None:
    customer = await desk.asker()
    first = await customer.ok("send", ref="s", text="Help")
    assert await customer.ok("send", ref="s", text="Help") == first
    assert await customer.refused("send", ref="s", text="Help!") == "invalid"
    await customer.ok("close")
    again = await desk.customer(token=customer.welcome["token"])
    assert await again.ok("send", ref="s", text="Help") == first
    await again.ok("open")
    assert await again.ok("send", ref="s", text="Help") == first
    assert await again.refused("send", ref="s", text="other") == "invalid"
    assert [text for *_, text in stored(desk, 1)].count("Help") == 1
    assert len(stored(desk, 2)) == 2


async def test_an_agent_s_refs_are_their_own_within_a_request(desk: Desk) -> None:
    for _ in range(2):
        await desk.asker()
    sam, kim = await desk.agent("Sam"), await desk.agent("Kim")
    first = await sam.ok("note", ref="n", request=1, text="one")
    assert (await kim.ok("note", ref="n", request=1, text="other"))["seq"] == first["seq"] + 1
    assert (await sam.ok("note", ref="n", request=2, text="other"))["seq"] == 3
    assert await sam.ok("note", ref="n", request=1, text="one") == first
    assert await sam.refused("note", ref="n", request=1, text="two") == "invalid"
    assert await sam.refused("send", ref="n", request=1, text="one") == "invalid"
    sent = await sam.ok("send", ref="s", request=1, text="Hello")
    await sam.ok("close", request=1)
    assert await sam.ok("send", ref="s", request=1, text="Hello") == sent
    assert [text for *_, text in stored(desk, 1)].count("Hello") == 1


async def test_two_connections_that_retry_at_once_store_once(start: Start) -> None:
    async with start(**FREE) as desk:
        first = await desk.asker()
        second = await desk.customer(token=first.welcome["token"])
        for number in range(40):
            answers = await asyncio.gather(
                *(tab.ok("send", ref=f"same{number}", text=f"{number}") for tab in (first, second))
            )
            assert answers[0] == answers[1]
        assert len(stored(desk, 1)) == 42
        opens = await asyncio.gather(
            *(tab.ok("open", ref="o", text="x") for tab in (first, second))
        )
        assert opens[0]["request"] == opens[1]["request"]
        assert len(stored(desk, 1)) == 43


async def test_two_tabs_that_open_at_once_share_one_request(desk: Desk) -> None:
    first = await desk.asker()
    await first.ok("close")
    second = await desk.customer(token=first.welcome["token"])
    opened = await asyncio.gather(first.ok("open", text="a"), second.ok("open", text="b"))
    assert {answer["request"]["id"] for answer in opened} == {2}
    assert sorted(text for *_, text in stored(desk, 2)[2:]) == ["a", "b"]


@pytest.mark.parametrize("after", [None, 0, 7])
async def test_nothing_is_lost_or_doubled_between_join_and_the_first_push(
    start: Start, after: int | None
) -> None:
    async with start(**FREE) as desk:
        customer, sam = await desk.asker(), await desk.agent("Sam")
        for number in range(300):
            await customer.send("send", ref=f"f{number}", text=f"{number}")
        joined = await sam.ok("join", request=1, **({} if after is None else {"after": after}))
        seqs = [message["seq"] for message in joined["messages"]]
        assert after is not None or len(seqs) <= 50
        while not seqs or seqs[-1] < 302:
            seqs.append((await sam.push("message"))["message"]["seq"])
        first = seqs[0]
        assert joined["more"] is (after is None and first > 1)
        assert after is None or first == after + 1
        assert seqs == list(range(first, 303))


async def test_join_without_after_brings_the_last_fifty(start: Start) -> None:
    async with start(**FREE) as desk:
        customer, sam = await desk.asker(), await desk.agent("Sam")
        for number in range(98):
            await customer.ok("send", text=f"{number}")
        joined = await sam.ok("join", request=1)
        assert [m["seq"] for m in joined["messages"]] == list(range(51, 101))
        assert joined["more"] is True
        page = await sam.ok("history", request=1, before=51)
        assert ([m["seq"] for m in page["messages"]], page["more"]) == (list(range(1, 51)), False)
        assert (await sam.ok("join", request=1, after=100))["messages"] == []
        assert (await sam.ok("join", request=1, after=999))["messages"] == []


async def test_who_leaves_hears_no_more(desk: Desk) -> None:
    customer, sam = await desk.asker(), await desk.agent("Sam")
    await sam.ok("join", request=1)
    await sam.send("leave", request=1)
    await sam.ok("ping")
    await customer.ok("send", text="Help")
    await sam.ok("history", request=1, before=99)
    assert sam.waiting("message") == []


async def test_a_fault_in_telling_one_outcome_does_not_silence_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    store, told, gate = desk.relay._store, asyncio.Event(), threading.Event()

    def fail(_: object) -> None:
        raise ZeroDivisionError

    store.write(lambda _: gate.wait(PATIENCE), lambda _: None)
    store.write(lambda _: None, fail)  # these two wait for each other, in one batch
    store.write(lambda _: None, lambda _: told.set())
    gate.set()
    await asyncio.wait_for(told.wait(), PATIENCE)
    assert "failed" in [record.msg for record in caplog.records]


async def chat(client: Wire, kind: str, requests: list[int], dice: random.Random) -> None:
    for number in range(15):
        request = dice.choice(requests)
        command = kind if kind == "customer" else dice.choice(["send", "send", "note"])
        await say(client, request, command, f"{id(client)}-{number}")
        if dice.random() < 0.3:
            await client.ok("ping")


async def test_all_transcripts_are_what_the_file_holds_and_dense_on_both_sides(
    start: Start,
) -> None:
    dice = random.Random(7)
    async with start(**FREE) as desk:
        customers = [await desk.asker(text=f"Help {n}") for n in range(20)]
        agents = [await desk.agent(name) for name in ("Sam", "Kim", "Lee")]
        numbers = [number_of(customer) for customer in customers]
        for agent in agents:
            for number in numbers:
                await agent.ok("join", request=number)
        async with asyncio.TaskGroup() as group:
            for customer in customers:
                group.create_task(chat(customer, "customer", [number_of(customer)], dice))
            for agent in agents:
                group.create_task(chat(agent, "agent", numbers, dice))
        for client in (*customers, *agents):
            await client.ok("ping")
        for client in (*customers, *agents):
            await settle(client, numbers)
        for customer in customers:
            number = number_of(customer)
            rows = stored(desk, number)
            assert [seq for seq, *_ in rows] == list(range(1, len(rows) + 1))
            seen = [(seq, text) for _, seq, text in rows if seq]
            assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
            check(transcript(customer, number), seen)
            for agent in agents:
                check(transcript(agent, number), [(seq, text) for seq, _, text in rows])


async def settle(client: Wire, numbers: list[int]) -> None:
    """Wait until *client* has been told all that it will be."""
    more: Frame = {} if client.welcome.get("token") else {"request": numbers[0]}
    await client.ok("history", before=1, **more)


def check(told: list[tuple[int, str]], expected: Sequence[tuple[int, str | None]]) -> None:
    """Insist that the texts of *told* (activities have no text in the file) are the expected."""
    assert [seq for seq, _ in told] == [seq for seq, _ in expected]
    pairs = zip(told, expected, strict=True)
    assert all(text is None or text == said for (_, said), (_, text) in pairs)
