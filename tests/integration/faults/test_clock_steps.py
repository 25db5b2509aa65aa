"""Clock steps of an hour and a day, both ways, while a relay runs."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from relay.service.typing_state import EXPIRES_AFTER
from tests.integration.relay.helpers import Wire, wire
from tests.integration.relay.relay_process import agent_of, customer_of, served_by
from tests.reliability.launcher import launcher

HOUR, DAY = 3600, 24 * 3600
SECRET = "a secret of more than thirty-two bytes"
EACH = 20.0
"""Seconds in which a customer may send one more message."""
INTERVAL = 1
"""Seconds between two pings."""


class StepClock:
    """A wall clock that is wrong by what stands in *file*."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.step(0)

    def step(self, seconds: int) -> None:
        """Be ahead of the true time by *seconds*."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds * 1000}")
        new.rename(self.file)


def identity(seconds: float) -> str:
    """Return one that expires *seconds* from now, by the true time of day."""
    claims = {"sub": "ada", "exp": time.time() + seconds}
    return jwt.encode(claims, SECRET, "HS256", headers={"kid": "1"})


async def say_too_much(customer: Wire) -> None:
    """Say things until the relay asks to wait."""
    while (answer := await customer.ask("send", text="x"))["type"] == "sent":
        pass
    assert answer["code"] == "rate_limited"


async def test_a_step_of_the_clock_changes_no_order_limit_or_token(tmp_path: Path) -> None:
    clock = StepClock(tmp_path / "clock")
    program = launcher(clock=clock.file, keepalive=INTERVAL)
    limits: dict[str, Any] = {"messages_per_second": 1 / EACH, "retention_days": 1}
    async with served_by(program, tmp_path / "desk.db", **limits) as relay:
        token = await relay.hire("Sam")
        gone, ada, sam = (
            await customer_of(relay),
            await customer_of(relay),
            await agent_of(relay, token),
        )
        await gone.ok("open")
        await gone.ok("close")
        await ada.ok("open", text="before")
        await sam.ok("join", request=2)
        await say_too_much(ada)
        await ada.send("typing", on=True)
        await sam.push("typing", on=True)
        begun = time.monotonic()
        for step in (HOUR, -HOUR, DAY, -DAY):
            clock.step(step)
            refused = await ada.ask("send", text="still too much")
            assert 0 < refused["retry_after"] <= EACH
            await sam.ok("send", request=2, text=f"after {step}")
            after = await ada.message(f"after {step}")
        await sam.push("typing", on=False)
        assert EXPIRES_AFTER - 1 < time.monotonic() - begun < EXPIRES_AFTER + 4
        page = await sam.ok("history", request=2, before=999, limit=200)
        seqs = [message["seq"] for message in page["messages"]]
        assert seqs == list(range(1, len(seqs) + 1))
        known = {"token": ada.welcome["token"], "epoch": ada.welcome["epoch"], "request": 2}
        async with await customer_of(relay, **known, after=after["seq"]) as back:
            assert (back.welcome["messages"], back.welcome["reset"]) == ([], False)
        async with await agent_of(relay, token) as again:
            assert (await again.ok("join", request=1))["request"]["status"] == "closed"
        for client in (ada, gone, sam):
            await client.ok("ping")  # no keepalive has ended it
            await client.socket.close()


@pytest.mark.parametrize("days", [400, -400])
async def test_a_start_with_a_wrong_clock_deletes_and_closes_nothing_and_says_so(
    tmp_path: Path, days: int
) -> None:
    clock, database = StepClock(tmp_path / "clock"), tmp_path / "desk.db"
    program = launcher(clock=clock.file)
    limits = {"retention_days": 30, "auto_close_after": 48}
    async with served_by(program, database, **limits) as relay:
        token = await relay.hire("Sam")
        ada, bob = await customer_of(relay), await customer_of(relay)
        await ada.ok("open")
        await ada.ok("close")
        await bob.ok("open")
        known = {"token": bob.welcome["token"]}
    clock.step(days * DAY)
    async with served_by(program, database, **limits) as relay:
        sam, bob = await agent_of(relay, token), await customer_of(relay, **known)
        last = [(await bob.ok("send", text=f"{number}"))["seq"] for number in range(2)][-1]
        # Pushed by the relay's timer, which has looked at what is too old before.
        await sam.receive(lambda it: it["type"] == "request" and it["request"]["seq"] == last, "")
        listed = (await sam.ok("list"))["requests"]
        assert [it["status"] for it in listed] == ["waiting", "closed"]
        assert f'"event": "clock_doubted", "days": {days}.0' in relay.log.read_text()


async def test_the_latest_request_is_the_one_opened_last_whatever_the_time_of_day(
    tmp_path: Path,
) -> None:
    clock, database = StepClock(tmp_path / "clock"), tmp_path / "desk.db"
    program = launcher(clock=clock.file)
    async with served_by(program, database) as relay:
        ada = await customer_of(relay)
        await ada.ok("open", text="first")
        await ada.ok("close")
        clock.step(-HOUR)
        await ada.ok("open", text="second")
        seq = (await ada.ok("close"))["request"]["seq"]
        known = {key: ada.welcome[key] for key in ("token", "epoch")} | {"request": 2}
        await ada.socket.close()
        relay.stop()
        await relay.process.wait()
    clock.step(0)
    async with served_by(program, database) as relay:
        async with await customer_of(relay, **known, after=seq) as back:
            assert back.welcome["request"]["id"] == 2
            assert (back.welcome["messages"], back.welcome["reset"]) == ([], False)
            await back.ok("rate", score=1)
        async with await agent_of(relay, await relay.hire("Sam")) as sam:
            ratings = [(await sam.ok("join", request=n))["request"]["rating"] for n in (1, 2)]
        assert [rating and rating["score"] for rating in ratings] == [None, 1]


async def test_a_signed_identity_is_as_old_as_the_clock_says_and_good_again_when_it_is_right(
    tmp_path: Path,
) -> None:
    clock = StepClock(tmp_path / "clock")
    keys = json.dumps({"1": SECRET})
    shown = identity(HOUR / 2)
    async with served_by(
        launcher(clock=clock.file), tmp_path / "desk.db", identity_keys=keys
    ) as relay:
        for step, good in [(0, True), (HOUR, False), (-HOUR, True), (-DAY, False), (0, True)]:
            clock.step(step)
            client = await wire(relay.url, "customer")
            answer = await client.ask("hello", identity=shown)
            assert answer["type"] == ("welcome" if good else "error")
            await client.socket.close()
