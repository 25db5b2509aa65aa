"""`helpdesk webhooks`: secrets, pings, and what is done about what was not taken."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.request import urlopen

import pytest

from tests.free_port import free_port
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Ended, Machine
from tests.integration.relay.helpers import greeted, wire
from tests.integration.webhooks.receiver import OK, Receiver, receiving, status


@pytest.fixture
def hooked(machine: Machine) -> Machine:
    """A machine whose settings have the webhook crm, signed with a secret that it made."""
    secret = machine.call("webhooks", "secret").stdout.strip()
    assert secret != machine.call("webhooks", "secret").stdout.strip()
    set_url(machine, f"http://127.0.0.1:{free_port()}", secret)
    return machine


def set_url(machine: Machine, url: str, secret: str) -> None:
    table = {"crm": {"url": url, "secrets": [secret]}}
    machine.variables = {"HELPDESK_WEBHOOKS": json.dumps(table)}


def secret_of(machine: Machine) -> str:
    return str(json.loads(machine.variables["HELPDESK_WEBHOOKS"])["crm"]["secrets"][0])


async def pinged(machine: Machine, receiver: Receiver, *flags: str) -> Ended:
    set_url(machine, receiver.url, secret_of(machine))
    return await asyncio.to_thread(machine.call, "webhooks", "test", "crm", *flags)


async def test_a_ping_arrives_signed(hooked: Machine) -> None:
    async with receiving() as receiver:
        done = await pinged(hooked, receiver)
        assert (done.code, done.stderr) == (0, "")
        assert "crm: answered with a status of 200 to 299 (status 204)" in done.stdout
        [got] = receiver.got
        assert got.signed_by(secret_of(hooked))
        body = json.loads(got.body)
        assert (body["type"], body["data"]) == ("ping", {})


async def test_a_ping_that_is_refused_fails_and_says_how(hooked: Machine) -> None:
    async with receiving(lambda _: status(302)) as receiver:
        done = await pinged(hooked, receiver, "--json")
        assert done.code == 1
        told = json.loads(done.stdout)
        assert told.pop("seconds") >= 0
        assert told == {"webhook": "crm", "outcome": "refused", "status": 302}


def test_where_nobody_listens_it_fails(hooked: Machine) -> None:
    done = hooked.call("webhooks", "test", "crm")
    assert (done.code, done.stderr) == (1, "")
    assert "no such host, no connection" in done.stdout


def test_a_webhook_that_is_not_set_is_one_sentence(hooked: Machine) -> None:
    assert "there are crm" in hooked.call("webhooks", "test", "cmr").failed()
    hooked.variables = {}
    assert "has none" in hooked.call("webhooks", "test", "crm").failed()


def rows(machine: Machine, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(machine.database)) as file, file:
        return file.execute(sql).fetchall()


def told(machine: Machine, *arguments: str) -> list[dict[str, Any]]:
    done = machine.call("webhooks", *arguments, "--json")
    assert done.code == 0, done
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


async def told_when(machine: Machine, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return how crm stands as soon as that *holds*."""
    async with asyncio.timeout(60):
        while True:
            [found] = await asyncio.to_thread(told, machine, "list")
            if holds(found):
                return found
            await asyncio.sleep(0.1)


async def test_what_was_given_up_is_seen_and_tried_again(hooked: Machine) -> None:
    async with receiving(lambda _: status(503)) as receiver:
        set_url(hooked, receiver.url, secret_of(hooked))
        with hooked.serve() as relay:
            await (await greeted(await wire(relay.url, "customer"))).ok("open")
            stands = await told_when(hooked, lambda one: one["waiting"] == 2)
            assert (stands["known"], stands["behind"], stands["dead"]) == (True, 0, 0)
            assert stands["failed"]["outcome"] == "refused"
            assert stands["failed"]["status"] == 503
            await asyncio.to_thread(relay.end)
        rows(hooked, "UPDATE delivery SET tries = 9, due_at = 0 WHERE tries = 1")
        with hooked.serve() as relay:
            await told_when(hooked, lambda one: one["dead"] == 1)
            [dead] = await asyncio.to_thread(told, hooked, "dead")
            assert dead["delivery"] == receiver.got[0].id
            assert (dead["event"], dead["request"], dead["tries"]) == ("opened", 1, 10)
            examined = await asyncio.to_thread(hooked.call, "doctor", "--json")
            assert "1 deliveries were given up" in examined.stdout
            figures = await asyncio.to_thread(page, f"{relay.url}/metrics")
            assert "helpdesk_webhooks_dead 1.0" in figures
            assert 'helpdesk_webhooks_tries_total{outcome="refused"}' in figures
            receiver.behave = lambda _: OK
            done = await asyncio.to_thread(hooked.call, "webhooks", "retry", dead["delivery"])
            assert (done.code, done.stdout) == (0, "")
            assert done.stderr == "helpdesk: Deliveries that are tried again: 1.\n"
            stands = await told_when(hooked, lambda one: one["waiting"] + one["dead"] == 0)
            assert stands["failed"] is None
        assert [one.id for one in receiver.got].count(dead["delivery"]) == 3


def page(url: str) -> str:
    with urlopen(url) as answer:
        return str(answer.read().decode())


@pytest.fixture
def left(hooked: Machine) -> Machine:
    """A machine on which the webhook old, no longer set, has a dead letter and one that waits."""
    furnish(hooked.database)
    rows(hooked, "INSERT INTO webhook VALUES ('old', 3)")
    for number, due in ((1, "NULL"), (2, "9000000000000")):
        rows(
            hooked,
            f"INSERT INTO delivery VALUES ('old', {number}, 1, 10, {due}, 'timed_out', NULL, 7)",
        )
    return hooked


def test_without_a_relay_they_are_seen_and_dropped_as_well(left: Machine) -> None:
    shown = left.call("webhooks", "list").stdout.splitlines()
    assert shown[0].split()[:4] == ["NAME", "BEHIND", "WAITING", "DEAD"]
    assert shown[1].startswith("old (not in the settings)  0       1        1 ")
    assert shown[1].endswith("timed_out, 1970-01-01 00:00+00:00")
    [letter] = left.call("webhooks", "dead").stdout.splitlines()[1:]
    assert letter.split()[1:5] == ["old", "opened", "#1", letter.split()[4]]
    assert "webhooks drop --all --webhook old" in left.call("doctor", "--json").stdout
    assert left.call("webhooks", "drop", letter.split()[0], "--quiet").stderr == ""
    assert left.call("webhooks", "dead").stdout.splitlines()[1:] == []
    assert rows(left, "SELECT message_id FROM delivery") == [(2,)]
    done = left.call("webhooks", "drop", "--all", "--webhook", "old")
    assert done.stderr == "helpdesk: Deliveries that are forgotten: 1.\n"
    assert rows(left, "SELECT name FROM webhook") == []


def test_a_wrong_choice_changes_nothing(left: Machine) -> None:
    assert "or --all" in left.call("webhooks", "retry").failed(2)
    assert "or --all" in left.call("webhooks", "drop", "x:1", "--all").failed(2)
    assert "none that waits" in left.call("webhooks", "retry", "x:1").failed()
    assert (
        "none that this desk has"
        in left.call("webhooks", "drop", "--all", "--webhook", "nope").failed()
    )
    assert rows(left, "SELECT message_id, tries FROM delivery") == [(1, 10), (2, 10)]
    assert "1." in left.call("webhooks", "retry", "--all").stderr
    assert rows(left, "SELECT message_id, tries, due_at > 0 FROM delivery") == [
        (1, 0, 1),
        (2, 10, 1),
    ]
