"""`helpdesk webhooks`: a secret that the settings take, and a ping that arrives or does not."""

import asyncio
import json

import pytest

from tests.integration.cli.machine import Ended, Machine, free_port
from tests.integration.webhooks.receiver import Receiver, receiving, status


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
    return await asyncio.to_thread(machine.run, "webhooks", "test", "crm", *flags)


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
    done = hooked.run("webhooks", "test", "crm")
    assert (done.code, done.stderr) == (1, "")
    assert "no such host, no connection" in done.stdout


def test_a_webhook_that_is_not_set_is_one_sentence(hooked: Machine) -> None:
    assert "there are crm" in hooked.call("webhooks", "test", "cmr").failed()
    hooked.variables = {}
    assert "has none" in hooked.call("webhooks", "test", "crm").failed()
