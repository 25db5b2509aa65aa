"""Payloads of webhooks, and chats that are not delayed by them."""

import asyncio
import json
from pathlib import Path
from typing import Any

from relay.webhooks.delivery import MAX_CONCURRENT
from tests.integration.relay.helpers import number_of, running
from tests.integration.relay.relay_process import customer_of
from tests.integration.webhooks.conftest import Hooked, Process
from tests.integration.webhooks.receiver import OK, SECRET, Got, hang, receiving, status

ADA = {"name": "Ada", "email": "ada@example.org"}


def words_in(told: object) -> set[str]:
    """Return every string that is anywhere in *told*."""
    match told:
        case str(word):
            return {word}
        case dict():
            return set().union(*map(words_in, told.values()))
        case list():
            return set().union(*map(words_in, told))
        case _:
            return set()


async def test_each_event_is_told_in_the_words_of_the_protocol(hooked: Hooked) -> None:
    async with receiving() as receiver, hooked(receiver.url) as desk:
        ada = await desk.asker(text="My cup is broken", **ADA)
        sam = await desk.agent("Sam")
        await sam.ok("claim", request=1)
        await sam.ok("note", request=1, text="A difficult one")
        await sam.ok("close", request=1)
        await ada.ok("rate", score=4, comment="Thanks")
        got = await receiver.count(6)
        told = [one.json for one in got]
    types = ["opened", "message", "message", "claimed", "closed", "rated"]
    assert [one["type"] for one in told] == types
    asker = {"id": 1, "verified": False, **ADA}
    assert all(one["data"]["customer"] == asker for one in told)
    assert {(one["data"]["request"], one["data"]["site"]) for one in told} == {(1, "default")}
    assert [one["data"]["message"]["seq"] for one in told] == [1, 2, 3, 4, 6, 7]
    assert told[2]["data"]["message"] == {
        "seq": 3,
        "kind": "text",
        "by": {"role": "customer", "id": 1, "name": "Ada"},
        "text": "My cup is broken",
        "at": told[2]["timestamp"],
    }
    assert told[5]["data"]["message"]["data"] == {"score": 4, "comment": "Thanks"}
    assert len({one.id for one in got}) == 6


async def test_without_leave_no_word_of_anybody_is_told(hooked: Hooked) -> None:
    events = ["opened", "message", "note", "transferred", "rated", "tagged", "held"]
    async with receiving() as receiver, hooked(receiver.url, words=False, events=events) as desk:
        ada = await desk.asker(text="My cup is broken", **ADA)
        sam, kim = await desk.agent("Sam"), await desk.hire("Kim")
        await sam.ok("tag", request=1, add=["cups"])
        await sam.ok("transfer", request=1, to=kim["agent"]["id"], note="Yours")
        await (await desk.control()).ok("hold", request=1, why="Because of Ada")
        await ada.ok("rate", score=2, comment="Slow")
        told = [one.json for one in await receiver.until(lambda got: len(got) >= 8)]
    programs = {"default", "customer", "agent", "desk", "text", "note", "activity", "cups"}
    times = {word for one in told for word in words_in(one) if word.endswith("Z")}
    assert set().union(*map(words_in, told)) - times - programs == {*events} - programs
    last: dict[str, Any] = told[-1]["data"]
    assert last["message"]["data"] == {"score": 2}
    assert last["customer"] == {"id": 1, "verified": False}


async def test_a_new_webhook_begins_with_what_comes_after_it(
    database: Path, hooked: Hooked
) -> None:
    async with running(database) as desk:
        await desk.asker(text="before")
    async with receiving() as receiver, hooked(receiver.url) as desk:
        await desk.asker(text="after")
        got = await receiver.count(3)
        assert [one.json["data"]["request"] for one in got] == [2, 2, 2]


async def test_a_request_s_events_come_in_order_and_each_once(hooked: Hooked) -> None:
    under_way = most = 0

    async def slowly(_: Got) -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return status(200)

    async with receiving(slowly) as receiver, hooked(receiver.url, events=["message"]) as desk:
        askers = [await desk.asker(text="0") for _ in range(MAX_CONCURRENT + 2)]
        for number in range(1, 10):
            await asyncio.gather(*(asker.ok("send", text=str(number)) for asker in askers))
        got = await receiver.count(len(askers) * 11)
        for asker in askers:
            mine = [one.what for one in got if one.json["data"]["request"] == number_of(asker)]
            assert mine[1:] == [str(number) for number in range(10)]
        assert len({one.id for one in got}) == len(got)
        assert most <= MAX_CONCURRENT


async def test_no_answer_waits_for_a_receiver_that_hangs(hooked: Hooked) -> None:
    async with receiving(hang) as receiver, hooked(receiver.url) as desk:
        askers = [await desk.asker(text="0") for _ in range(8)]
        await receiver.count(1)
        for number in range(10):
            await asyncio.gather(*(asker.ok("send", text=str(number)) for asker in askers))


async def test_the_log_tells_of_deliveries_without_words_addresses_or_secrets(
    process: Process,
) -> None:
    answers = [status(500), *[OK] * 9]
    async with (
        receiving(lambda _: answers.pop(0)) as receiver,
        process(f"{receiver.url}&zq7", log="DEBUG") as relay,
    ):
        for number in (1, 4):
            client = await customer_of(relay)
            await client.ok("open", text="zq7", name="zq7")
            await receiver.count(number)
        relay.stop()
        await relay.process.wait()
        said = relay.log.read_text()
    lines = [json.loads(line) for line in said.splitlines() if '"webhook_' in line]
    told = {"webhook": "crm", "request": 1, "tries": 1, "outcome": "refused", "status": 500}
    [failed] = [line for line in lines if line["event"] == "webhook_failed"]
    assert told.items() <= failed.items()
    assert [line["request"] for line in lines if line["event"] == "webhook_delivered"] == [2] * 3
    for secret in ("zq7", SECRET.removeprefix("whsec_"), f"127.0.0.1:{receiver.port}/"):
        assert secret not in said
