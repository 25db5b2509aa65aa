"""Answers of at most 512 KiB; a client that does not read is disconnected, others are not."""

import asyncio
import json
import resource
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, SUBPROTOCOL, Desk, Frame, Wire
from tests.patience import PATIENCE

CAP = 512 * 1024
CUSTOMERS_CAP = 100 * 1024
HUGE = {"text_limit": 0, **FREE}
BIG = "\u20ac" * 20_000  # 60,000 bytes in a frame


def size(frame: Frame) -> int:
    return len(json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode())


def seqs(answer: Frame) -> list[int]:
    return [message["seq"] for message in answer["messages"]]


async def wall_of_text(desk: Desk) -> Wire:
    customer = await desk.asker()
    for number in range(3, 21):
        await customer.ok("send", text=f"{number}{BIG}")
    return customer


async def test_the_newest_messages_that_fit_come_and_more_says_so(start: Start) -> None:
    async with start(**HUGE) as desk:
        customer = await wall_of_text(desk)
        sam = await desk.agent("Sam")
        token, epoch = customer.welcome["token"], customer.welcome["epoch"]
        to_customers = [
            (await desk.customer(token=token)).welcome,
            (await desk.customer(token=token, request=1, epoch=epoch, after=2)).welcome,
            await customer.ok("history", before=99),
            await customer.ok("open"),
        ]
        to_agents = [
            await sam.ok("join", request=1),
            await sam.ok("join", request=1, after=2),
            await sam.ok("history", request=1, before=99, limit=200),
        ]
        for answers, cap in ((to_customers, CUSTOMERS_CAP), (to_agents, CAP)):
            for answer in answers:
                assert cap * 0.5 < size(answer) <= cap
                assert answer["more"] is True
                assert seqs(answer) == list(range(seqs(answer)[0], 21))
        before, more = 21, True
        while more:
            page = await customer.ok("history", before=before)
            assert seqs(page) == list(range(seqs(page)[0], before))
            before, more = seqs(page)[0], page["more"]
        assert before == 1


async def test_a_customer_gets_the_last_50_and_fetches_the_others(start: Start) -> None:
    async with start(**FREE) as desk:
        customer = await desk.asker()
        for number in range(3, 131):
            await customer.ok("send", text=f"{number}")
        token, epoch = customer.welcome["token"], customer.welcome["epoch"]
        new = (await desk.customer(token=token)).welcome
        behind = (await desk.customer(token=token, request=1, epoch=epoch, after=20)).welcome
        near = (await desk.customer(token=token, request=1, epoch=epoch, after=80)).welcome
        opened = await customer.ok("open")
        for answer in (new, behind, near, opened):
            assert seqs(answer) == list(range(81, 131))
        assert [answer["more"] for answer in (new, behind, near, opened)] == [True] * 2 + [
            False,
            True,
        ]
        assert [answer["reset"] for answer in (new, behind, near)] == [True, False, False]
        # As the widgets of earlier releases do, which fill all gaps at once.
        page = await customer.ok("history", before=81, limit=200)
        assert (seqs(page), page["more"]) == (list(range(1, 81)), False)


async def test_lists_of_requests_are_cut_to_size_too(start: Start) -> None:
    async with start(**FREE) as desk:
        long = "https://shop.example/" + "\u20ac" * 2000
        page = {"url": long, "title": "\u20ac" * 200, "referrer": long}
        for _ in range(60):
            customer = await desk.customer(page=page)
            await customer.ok("open", name="\u20ac" * 100, text="\u20ac" * 4000)
        admin = await desk.agent("Lee", "admin")
        for number in range(20):
            await admin.ok("canned_set", name=f"c{number}", text="\u20ac" * 4000)
        listed = await admin.ok("list", limit=200)
        assert CAP * 0.8 < size(listed) <= CAP
        assert listed["more"] is True
        last = listed["requests"][-1]["id"]
        rest = await admin.ok("list", limit=200, before=last)
        assert [r["id"] for r in listed["requests"] + rest["requests"]] == list(range(60, 0, -1))
        welcome = (await desk.agent("Sam")).welcome
        assert size(welcome) <= CAP
        assert welcome["more"] is True
        assert len(welcome["canned"]) == 20
        assert welcome["requests"]


async def test_canned_responses_cannot_outgrow_a_welcome(start: Start) -> None:
    async with start(**FREE) as desk:
        admin = await desk.agent("Lee", "admin")
        answers = [
            await admin.ask("canned_set", name=f"c{n}", text="\u20ac" * 4000) for n in range(60)
        ]
        refused = [answer["code"] for answer in answers if answer["type"] == "error"]
        assert refused
        assert set(refused) == {"invalid"}
        assert size((await desk.agent("Sam")).welcome) <= CAP
        await admin.ok("canned_remove", name="c0")
        await admin.ok("canned_set", name="c1", text="short")


class Stalled:
    """A client that says what it is told to and never reads."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(False)
        self._port = port
        uri = parse_uri(f"ws://127.0.0.1:{port}/v1/agent")
        self._protocol = ClientProtocol(uri, subprotocols=[SUBPROTOCOL])

    async def enter(self, token: str, request: int) -> None:
        """Sign in, join *request* and read no more."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self._port))
        self._protocol.send_request(self._protocol.connect())
        await self._send()
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await loop.sock_recv(self.socket, 4096)
        self._protocol.receive_data(answer)
        await self.say("hello", ref="h", token=token)
        await self.say("join", ref="j", request=request)

    async def say(self, kind: str, **fields: object) -> None:
        self._protocol.send_text(json.dumps({"type": kind, **fields}).encode())
        await self._send()

    async def _send(self) -> None:
        for data in self._protocol.data_to_send():
            await asyncio.get_running_loop().sock_sendall(self.socket, data)

    def cut(self) -> bool:
        """Return whether the relay's end is gone: then writing fails."""
        try:
            self.socket.send(b"\x89\x80\0\0\0\0")  # a ping
        except BlockingIOError:
            return False
        except OSError:
            return True
        return False


def unread(desk: Desk) -> int:
    """Return the bytes that wait in the relay for the client that has read least."""
    members: list[Any] = list(desk.relay._connections._slots)
    waiting: list[int] = [member._transport.get_write_buffer_size() for member in members]
    return max(waiting)


async def until(true: Callable[[], bool], meanwhile: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await meanwhile()


async def test_who_does_not_read_is_cut_off_and_the_others_hear_everything(start: Start) -> None:
    async with start(**HUGE) as desk:
        customer, kim = await desk.asker(), await desk.agent("Kim")
        await kim.ok("join", request=1)
        stalled = Stalled(desk.port)
        with stalled.socket:
            await stalled.enter((await desk.hire("Sam"))["token"], 1)
            await kim.push("watching", agents=[{"id": 1, "name": "Kim"}, {"id": 2, "name": "Sam"}])
            kim.waiting("watching")
            last = most = 0
            gone = kim.push("watching", agents=[{"id": 1, "name": "Kim"}])
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                cut_off = group.create_task(gone)
                while not cut_off.done():
                    last = (await customer.ok("send", text=BIG))["seq"]
                    most = max(most, unread(desk))
            await until(stalled.cut, lambda: customer.ok("send", text="x"))
        seqs = [kim_heard["message"]["seq"] for kim_heard in kim.waiting("message")]
        while not seqs or seqs[-1] < last:
            seqs.append((await kim.push("message"))["message"]["seq"])
        assert seqs == list(range(3, last + 1))
        assert 2**18 < most <= 2**20


async def test_who_reads_again_is_told_4100_and_gets_the_rest_when_coming_back(
    start: Start,
) -> None:
    async with start(**HUGE) as desk:
        customer, kim = await desk.asker(), await desk.agent("Kim")
        hired = await desk.hire("Sam")
        sam = await desk.back(hired["token"])
        await kim.ok("join", request=1)
        await sam.ok("join", request=1)
        sam.socket.transport.pause_reading()
        for _ in range(200):
            last = (await customer.ok("send", text=BIG))["seq"]
        sam.socket.transport.resume_reading()
        assert await sam.ended() == 4100
        heard = [push["message"]["seq"] for push in sam.waiting("message")]
        assert heard == list(range(3, heard[-1] + 1))
        sam = await desk.back(hired["token"])
        joined = await sam.ok("join", request=1, after=heard[-1])
        rest = [message["seq"] for message in joined["messages"]]
        while joined["more"] or rest[0] > heard[-1] + 1:
            page = await sam.ok("history", request=1, before=rest[0], limit=200)
            rest = [message["seq"] for message in page["messages"]] + rest
            joined["more"] = rest[0] > heard[-1] + 1
        assert rest[rest.index(heard[-1] + 1) :] == list(range(heard[-1] + 1, last + 1))


async def test_who_only_asks_and_never_reads_costs_little(start: Start) -> None:
    async with start(**HUGE) as desk:
        await wall_of_text(desk)
        stalled = Stalled(desk.port)
        most = 0
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with stalled.socket:
            await stalled.enter((await desk.hire("Sam"))["token"], 1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    while True:
                        padded = {"request": 1, "before": 99, "x": "x" * 60_000}
                        await stalled.say("history", ref="x", **padded)
                        most = max(most, unread(desk))
            assert most <= 2**20
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024
            await (await desk.agent("Kim")).ok("join", request=1)


async def test_a_burst_of_more_than_a_mebibyte_cuts_off_nobody_who_reads(start: Start) -> None:
    async with start(**HUGE) as desk:
        sam, kim = await desk.agent("Sam"), await desk.agent("Kim")
        customers = [await desk.asker() for _ in range(12)]
        for number in range(1, 13):
            await kim.ok("join", request=number)
        for round_ in range(5):
            for customer in customers:
                await customer.send("send", ref=f"{round_}", text=BIG)
        await sam.ok("ping")
        for _ in range(60):
            await kim.push("message")
        await kim.ok("ping")
