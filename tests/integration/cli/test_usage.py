"""`helpdesk usage`: what a use would cost elsewhere, for people and for scripts."""

import json

import pytest

from tests.integration.cli.machine import Machine

USE = "users=5001,messages=200000,connections=100"


def test_the_offers_are_told_with_the_date_of_the_prices(machine: Machine) -> None:
    done = machine.call("usage", "--what-if", USE)
    assert (done.code, done.stderr) == (0, "")
    heading, agora, pusher, own = done.stdout.splitlines()
    assert "PRICES OF 20" in heading
    assert agora.split() == ["Agora", "Chat", "Starter", "$349.05"]
    assert pusher.split() == ["Pusher", "Channels", "Sandbox", "$0.00"]
    assert own.startswith("Helpdesk")
    told = json.loads(machine.call("usage", "--json", "--what-if", USE).stdout)
    assert told["use"] == {"users": 5001, "messages": 200000, "connections": 100}
    assert [one["price"] for one in told["offers"]] == [pytest.approx(349.05), 0.0]


@pytest.mark.parametrize("use", ["", "users=1", "users=-1", f"{USE},users=2", "users=²", "cats=1"])
def test_a_use_that_is_none_is_told_in_a_sentence(machine: Machine, use: str) -> None:
    assert "--what-if: " in machine.call("usage", "--what-if", use).failed(2)
