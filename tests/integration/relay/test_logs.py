"""The log of a relay from start to stop: documented events with numbers, and no text of users."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from relay.log import EVENTS, MAX_LINES
from tests.integration.relay.helpers import control, greeted, wire
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import Served, agent_of, customer_of, served

MARK = "zq7"
"""Is in all that people write here, and nowhere else."""
REFUSED = "https://refused.example"
WORDS = f"{MARK} words\x1b[31m\u202e\u0007 \u2028 {MARK}@example.org"
KNOWN = {event.name: event for event in EVENTS}


class Log:
    """What a relay has said on stderr, read when it has ended."""

    def __init__(self) -> None:
        self.text = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]


@asynccontextmanager
async def logged(database: Path, **settings: int | str) -> AsyncIterator[tuple[Served, Log]]:
    """Run a relay at DEBUG, and end it in good order; its log is there then."""
    log = Log()
    async with served(database, 0, log_level="DEBUG", **settings) as relay:
        yield relay, log
        relay.stop()
        await relay.process.wait()
        log.text = await asyncio.to_thread(relay.log.read_text)


async def a_customer_s_life(relay: Served) -> list[str]:
    """Let a customer say all they can; return the tokens that were in play."""
    page = {"url": f"https://{MARK}.example", "title": WORDS, "referrer": f"https://{MARK}/"}
    client = await customer_of(relay, page=page, locale=f"en-{MARK}")
    await client.ok("open", ref=f"{MARK}-ref", name=WORDS, email=f"{MARK}@x.org", text=WORDS)
    await client.ok("send", text=WORDS)
    await client.send("typing", on=True)
    await client.ok("rate", score=4, comment=WORDS)
    await client.refused(MARK)
    await client.refused("send", text="")
    await client.raw(f'{{"type": "{MARK}')
    await client.raw(MARK.encode(), text=False)
    await client.refused("history", before=5, request=99)
    refused = [await client.ask("send", text=f"{MARK}{number}") for number in range(25)]
    assert "rate_limited" in {answer.get("code") for answer in refused}
    token = str(client.welcome["token"])
    await client.socket.close(1000, MARK)
    return [token]


async def an_agent_s_life(relay: Served) -> list[str]:
    """Let an admin and two agents do all they can."""
    async with await greeted(await control(relay.database.with_name("desk.db.sock"))) as desk:
        sam = await desk.ok("agent_add", name=f"Sam {MARK}", role="agent")
        kim = await desk.ok("agent_add", name=f"Kim {MARK}", role="admin")
        assert await desk.refused("agent_add", name=f"Sam {MARK}", role="agent") == "conflict"
        await desk.ok("canned_set", name=MARK, text=WORDS)
        agent = await agent_of(relay, sam["token"], client=f"{MARK}/1.0")
        for kind in ("join", "claim"):
            await agent.ok(kind, request=1)
        await agent.ok("note", request=1, text=WORDS)
        await agent.ok("tag", request=1, add=[MARK])
        await agent.ok("list", filter={"text": MARK})
        await agent.ok("transfer", request=1, to=kim["agent"]["id"], note=WORDS)
        await agent.ok("close", request=1)
        fresh = await desk.ok("agent_token", agent=sam["agent"]["id"])
        assert await agent.ended() == 4000
        await desk.ok("agent_set", agent=kim["agent"]["id"], disabled=True)
        return [sam["token"], kim["token"], fresh["token"]]


async def strangers(relay: Served) -> list[str]:
    """Let those in vain try who have no right."""
    identity = f"eyJhbGciOiJub25lIn0.{MARK}.{MARK}"
    for role, hello in (("customer", {"identity": identity}), ("agent", {"token": f"hda_{MARK}"})):
        client = await wire(relay.url, role)
        assert await client.refused("hello", **hello) == "unauthorized"
        assert await client.ended() == 4000
    await http(relay, f"/{MARK}?token={MARK}", User_Agent=MARK, Cookie=MARK)
    for origin in (f"https://evil.example/{MARK}", f"https://{MARK}\x1b[31m.example", REFUSED):
        await http(relay, "/v1/customer", Origin=origin, X_Forwarded_For=MARK)
    return [identity]


async def a_full_disk(relay: Served) -> None:
    client = await customer_of(relay)
    await client.ok("open", text="hello")
    relay.starve()
    while (await client.ask("send", text=MARK * 1000)).get("code") != "unavailable":
        pass
    relay.feed()
    await recovered(relay)
    await client.socket.close()


async def recovered(relay: Served) -> None:
    while (await http(relay, "/readyz")).status != 200:
        pass


def check_lines(log: Log, secrets: list[str]) -> None:
    whole = log.text
    assert MARK not in whole.lower()
    assert [secret for secret in [*secrets, "hda_", "hdc_", "eyJ"] if secret in whole] == []
    assert re.findall(r"[^\x20-\x7e\n]", whole) == []
    always = {"time", "level", "event"}
    for event in log.events:
        assert event.keys() - always <= set(KNOWN[event["event"]].fields), event


async def test_nobody_s_words_are_in_the_log_of_a_whole_life(database: Path) -> None:
    async with logged(database, messages_per_second=1) as (relay, log):
        secrets = [
            *await a_customer_s_life(relay),
            *await an_agent_s_life(relay),
            *await strangers(relay),
        ]
    check_lines(log, secrets)
    assert [line["origin"] for line in log.named("origin_refused")] == ["unreadable", REFUSED]
    never = {"settling_ended_late", "failed"}
    never |= {"store_refused", "store_recovered", "overwriting_failed"}
    seldom = {"request_deleted", "library_spoke", "lines_left_out"}
    seldom |= {"unknown_variable_ignored", "service_variable_ignored"}
    seldom |= {"signal_ignored", "log_lines_dropped", "few_files_allowed"}
    seldom |= {"clock_doubted", "clock_believed"}
    seldom |= {"webhook_delivered", "webhook_failed", "webhook_abandoned"}
    seldom |= {"desk_created", "desk_rescued", "disk_distrusted"}
    seldom |= {"rescue_failed", "store_displaced"}
    seldom |= {"upgrade_dropped", "connections_refused", "address_missed"}
    told = {event["event"] for event in log.events}
    assert told >= KNOWN.keys() - never - seldom
    assert not told & never


async def test_a_full_disk_is_told_once_and_so_is_its_end(database: Path) -> None:
    async with logged(database, messages_per_second=0, burst=0) as (relay, log):
        await a_full_disk(relay)
    check_lines(log, [])
    [refused] = log.named("store_refused")
    assert (refused["level"], refused["damaged"]) == ("error", False)
    assert refused["fault"].startswith("SQLITE_")
    assert len(log.named("store_recovered")) == 1


async def test_lines_that_strangers_can_cause_are_few_and_the_rest_is_counted(
    database: Path,
) -> None:
    async with logged(database, connections_per_second=0) as (relay, log):
        for _ in range(10):
            await asyncio.gather(*(http(relay, "/nothing") for _ in range(30)))
    check_lines(log, [])
    refused = log.named("handshake_refused")
    left_out = [line for line in log.named("lines_left_out") if line["of"] == "handshake_refused"]
    assert left_out
    assert len(refused) + sum(line["count"] for line in left_out) == 300
    seconds = Counter(line["time"][:19] for line in refused)
    assert max(seconds.values()) <= 2 * MAX_LINES


@pytest.mark.parametrize("form", ["console", "json"])
async def test_the_form_is_as_it_is_set(database: Path, form: str) -> None:
    async with logged(database, log_format=form) as (relay, log):
        await (await customer_of(relay)).socket.close()
    [line] = [line for line in log.text.splitlines() if "customer_admitted" in line]
    assert line.startswith("{") is (form == "json")
    assert re.search(r"\bconnection\b.{1,4}1\b", line)
    assert "\x1b" not in log.text
