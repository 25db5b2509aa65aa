"""`/metrics`: correct figures, bounded labels, and all of them documented."""

import json
import re
import socket
from itertools import pairwise
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk
from tests.integration.relay.metrics_page import Figures, scrape, scraped
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import customer_of, served

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"


def grown(name: str, before: Figures, after: Figures) -> float:
    return after.get(name, 0) - before.get(name, 0)


async def test_connections_are_counted_by_role_while_they_last(desk: Desk) -> None:
    await desk.customer()
    customer = await desk.customer()
    await desk.agent("Sam")
    await desk.control()
    await desk.socket("customer")
    # The scrape's own connection is one more that has not said hello.
    here = {
        'helpdesk_connections{role="none"}': 2,
        'helpdesk_connections{role="customer"}': 2,
        'helpdesk_connections{role="agent"}': 1,
        'helpdesk_connections{role="control"}': 1,
    }
    await scraped(desk, lambda now: {it: now[it] for it in now if "_connections{" in it} == here)
    await customer.socket.close()
    await scraped(desk, lambda now: now['helpdesk_connections{role="customer"}'] == 1)


def requests(figures: Figures) -> list[float]:
    return [
        figures[f'helpdesk_requests{{status="{status}"}}']
        for status in ("waiting", "active", "closed")
    ]


async def test_requests_are_counted_by_status_and_a_restart_knows_them(start: Start) -> None:
    async with start() as desk:
        sam = await desk.agent("Sam")
        for _ in range(3):
            await desk.asker()
        assert requests(await scrape(desk)) == [3, 0, 0]
        await sam.ok("claim", request=1)
        await sam.ok("claim", request=2)
        await sam.ok("close", request=1)
        assert requests(await scrape(desk)) == [1, 1, 1]
        await sam.ok("reopen", request=1)
        await sam.ok("close", request=2)
        assert requests(await scrape(desk)) == [1, 1, 1]
    async with start() as desk:
        assert requests(await scrape(desk)) == [1, 1, 1]


async def test_what_is_deleted_at_closing_is_no_closed_request(start: Start) -> None:
    async with start(retention_days=0) as desk:
        customer = await desk.asker()
        await customer.ok("close")
        assert requests(await scrape(desk)) == [0, 0, 0]


async def test_messages_are_counted_by_kind_and_author_and_retries_are_none(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customer = await desk.asker(text="hello")
    await customer.ok("send", ref="same", text="again")
    await customer.ok("send", ref="same", text="again")
    await sam.ok("note", request=1, text="psst")
    await sam.ok("send", request=1, text="hello Ada")
    messages = {
        name: value for name, value in (await scrape(desk)).items() if "_messages_total{" in name
    }
    assert {name: value for name, value in messages.items() if "resumed" not in name} == {
        'helpdesk_messages_total{kind="activity",role="customer"}': 1,
        'helpdesk_messages_total{kind="text",role="desk"}': 1,
        'helpdesk_messages_total{kind="text",role="customer"}': 2,
        'helpdesk_messages_total{kind="note",role="agent"}': 1,
        'helpdesk_messages_total{kind="activity",role="agent"}': 1,
        'helpdesk_messages_total{kind="text",role="agent"}': 1,
    }


async def test_acknowledgements_and_commits_are_timed_and_their_jobs_counted(desk: Desk) -> None:
    customer = await desk.asker()
    before = await scrape(desk)
    for number in range(5):
        await customer.ok("send", text=f"{number}")
    await customer.ok("history", before=99)
    await customer.send("typing", on=True)
    await customer.ok("ping")
    after = await scrape(desk)
    assert grown("helpdesk_acknowledgement_seconds_count", before, after) == 5
    assert 0 < grown("helpdesk_acknowledgement_seconds_sum", before, after) < 5
    assert grown("helpdesk_commit_jobs_sum", before, after) == 5
    assert 1 <= grown("helpdesk_commit_jobs_count", before, after) <= 5
    assert grown("helpdesk_commit_seconds_count", before, after) == grown(
        "helpdesk_commit_jobs_count", before, after
    )
    assert 0 < grown("helpdesk_commit_seconds_sum", before, after) < 5


async def test_a_histogram_is_cumulative_and_ends_with_all(desk: Desk) -> None:
    await desk.asker()
    buckets = [
        value
        for name, value in (await scrape(desk)).items()
        if name.startswith("helpdesk_acknowledgement_seconds_bucket")
    ]
    assert len(buckets) == 14
    assert all(smaller <= larger for smaller, larger in pairwise(buckets))
    assert buckets[-1] == 1


async def test_the_write_ahead_log_is_as_long_as_its_file(desk: Desk, database: Path) -> None:
    await desk.asker()
    log = database.with_name("desk.db-wal")
    assert (await scrape(desk))["helpdesk_wal_bytes"] == log.stat().st_size > 0


async def test_refusals_are_counted_by_code_whoever_refuses(desk: Desk) -> None:
    customer = await desk.asker()
    await customer.raw("{")
    assert await customer.refused("nonsense") == "unknown_type"
    assert await customer.refused("send", text="") == "invalid"
    assert await customer.refused("rate", score=5, request=99) == "not_found"
    stranger = await desk.socket("agent")
    assert await stranger.refused("hello", token="hda_wrong") == "unauthorized"
    refusals = {
        name: value for name, value in (await scrape(desk)).items() if "_refusals_total{" in name
    }
    assert refusals == {
        f'helpdesk_refusals_total{{code="{code}"}}': 1
        for code in ("bad_frame", "unknown_type", "invalid", "not_found", "unauthorized")
    }


async def test_resumes_are_counted_with_what_they_brought(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customer = await desk.asker()
    welcome = customer.welcome
    await customer.socket.close()
    await sam.ok("send", request=1, text="one")
    await sam.ok("send", request=1, text="two")
    await desk.customer(token=welcome["token"])
    before = await scrape(desk)
    assert not any("resume" in name for name in before)
    back = {"token": welcome["token"], "request": 1, "after": 2, "epoch": welcome["epoch"]}
    missed = (await desk.customer(**back)).welcome["messages"]
    seen = (await sam.ok("join", request=1, after=3))["messages"]
    after = await scrape(desk)
    assert after['helpdesk_resumes_total{role="customer"}'] == 1
    assert after['helpdesk_resumed_messages_total{role="customer"}'] == len(missed) == 3
    assert after['helpdesk_resumes_total{role="agent"}'] == 1
    assert after['helpdesk_resumed_messages_total{role="agent"}'] == len(seen) == 2


async def test_ends_are_counted_by_close_code_and_made_up_codes_together(desk: Desk) -> None:
    for code in (1000, 3000, 4999):
        await (await desk.customer()).socket.close(code)
    stranger = await desk.socket("customer")
    await stranger.send("ping", ref="1")
    assert await stranger.ended() == 4000
    cut = await desk.customer()
    cut.socket.transport.abort()

    def all_gone(now: Figures) -> bool:
        return sum(value for name, value in now.items() if "_closes_total{" in name) == 5

    closes = {
        name: value
        for name, value in (await scraped(desk, all_gone)).items()
        if "_closes_total{" in name
    }
    assert closes == {
        'helpdesk_closes_total{code="1000"}': 1,
        'helpdesk_closes_total{code="1006"}': 1,
        'helpdesk_closes_total{code="4000"}': 1,
        'helpdesk_closes_total{code="other"}': 2,
    }


async def test_handshakes_are_counted_by_status(desk: Desk) -> None:
    await desk.customer()
    await http(desk, "/nothing")
    figures = await scrape(desk)
    assert figures['helpdesk_handshakes_total{status="101"}'] == 1
    assert figures['helpdesk_handshakes_total{status="404"}'] == 1


async def test_what_waits_for_a_client_is_seen_and_a_slow_one_is_counted(start: Start) -> None:
    async with start(text_limit=0, **FREE) as desk:
        sam = await desk.agent("Sam")
        customer = await desk.asker()
        slow = await desk.customer(token=customer.welcome["token"])
        slow.socket.transport.pause_reading()
        sock = slow.socket.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        most = 0.0
        figures = await scrape(desk)
        assert figures["helpdesk_slow_clients_total"] == 0
        while figures["helpdesk_slow_clients_total"] == 0:
            await sam.ok("send", request=1, text="\u20ac" * 20_000)
            figures = await scrape(desk)
            most = max(most, figures["helpdesk_outgoing_bytes"])
        assert figures["helpdesk_slow_clients_total"] == 1
        assert most > 60_000
        await scraped(desk, lambda now: now.get('helpdesk_closes_total{code="4100"}') == 1)
        slow.socket.transport.abort()


async def test_a_store_that_refuses_is_seen_until_it_is_over(database: Path) -> None:
    async with served(database, text_limit=0, **FREE) as relay:
        client = await customer_of(relay)
        await client.ok("open")
        before = await scrape(relay)
        assert before["helpdesk_store_problem"] == before["helpdesk_store_refusals_total"] == 0
        relay.starve()
        # As long as there is room in the log's file as it is, the disk is not full yet.
        while (await client.ask("send", text="\u20ac" * 20_000)).get("code") != "unavailable":
            pass
        during = await scrape(relay)
        assert during["helpdesk_store_problem"] == 1
        assert during["helpdesk_store_refusals_total"] >= 1
        assert during['helpdesk_refusals_total{code="unavailable"}'] == 1
        relay.feed()
        await scraped(relay, lambda now: now["helpdesk_store_problem"] == 0)
        await client.socket.close()


async def test_the_process_s_memory_and_descriptors_are_there(desk: Desk) -> None:
    figures = await scrape(desk)
    assert figures["process_resident_memory_bytes"] > 2**20
    assert figures["process_open_fds"] > 3
    assert figures["process_cpu_seconds_total"] > 0


async def test_every_family_has_a_help_text_and_a_type(desk: Desk) -> None:
    await desk.asker(text="hello")
    page = (await http(desk, "/metrics")).body.decode()
    assert page.endswith("\n")
    families = list(text_string_to_metric_families(page))
    assert len({family.name for family in families}) == len(families) > 15
    assert [family.name for family in families if not family.documentation] == []
    assert [family.name for family in families if family.type == "unknown"] == []


async def test_no_label_holds_what_clients_say(desk: Desk) -> None:
    customer = await desk.customer(page={"url": "https://MARKED.example", "title": "MARKED"})
    await customer.ok("open", name="MARKED", email="MARKED@example.org", text="MARKED")
    await customer.refused("MARKED")
    await http(desk, "/MARKED")
    await customer.raw(json.dumps({"type": "send", "ref": "MARKED", "text": "MARKED"}))
    await customer.answer("MARKED")
    assert b"marked" not in (await http(desk, "/metrics")).body.lower()


async def test_the_page_of_the_metrics_names_what_is_exposed_and_nothing_else(desk: Desk) -> None:
    page = (await http(desk, "/metrics")).body.decode()
    exposed = {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")}
    documented = re.findall(r"^\| `(\w+)`", DOCUMENT.read_text(), re.MULTILINE)
    assert set(documented) == exposed
    assert len(documented) == len(exposed)
