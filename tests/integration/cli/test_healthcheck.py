"""`helpdesk healthcheck`: asks the relay itself where it listens, and whether it takes messages."""

import json
import signal
import socket

import pytest

from cli import relay_addresses
from tests.integration.cli.machine import Ended, Machine


def test_it_follows_the_relay_to_a_free_port_that_no_setting_names(machine: Machine) -> None:
    with machine.serve("--host", "127.0.0.1,127.0.0.2") as relay:
        urls = relay.url.split(", ")
        assert machine.call("healthcheck", "--quiet") == Ended(0, "", "")
        done = machine.call("healthcheck", "--json")
        assert (done.code, json.loads(done.stdout)) == (0, {"urls": urls})
        assert done.stderr == f"helpdesk: the relay takes messages at {relay.url}.\n"
        relay.process.send_signal(signal.SIGSTOP)
        assert "answers" in machine.call("healthcheck").failed()


def test_without_a_relay_it_fails(machine: Machine) -> None:
    sentence = machine.call("healthcheck").failed()
    assert sentence.endswith("answers; start it with `helpdesk serve`.")


def test_an_address_that_answers_otherwise_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(relay_addresses.NotReadyError, match=f"^{url} does not answer; look at"):
        relay_addresses.require_ready(url)


def test_every_address_is_reached_by_that_of_this_machine() -> None:
    assert relay_addresses.reached_by("http://0.0.0.0:80") == "http://127.0.0.1:80"
    assert relay_addresses.reached_by("http://[::]:80") == "http://[::1]:80"
    assert relay_addresses.reached_by("http://[fe80::1]:80") == "http://[fe80::1]:80"
