"""`helpdesk usage`: the desk's own use and what it would cost elsewhere, for people and scripts."""

import json
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine

NO_USE = "users=1000000000000000,messages=1,connections=1"
USE = "users=5001,messages=200000,connections=100"


@pytest.fixture(params=["while the relay runs", "while none runs"])
def desk(request: pytest.FixtureRequest, machine: Machine) -> Iterator[Machine]:
    """Yield a machine with a desk, served and not."""
    furnish(machine.database)
    with machine.relay() if request.param == "while the relay runs" else nullcontext():
        yield machine


def test_the_desks_own_use_stands_beside_what_it_would_cost(desk: Machine) -> None:
    done = desk.call("usage", "--since", "2000-01-01", "--quiet")
    assert (done.code, done.stderr) == (0, "")
    heading, day, _, months, month, _, prices = done.stdout.splitlines()
    assert heading.split() == ["DAY", "(UTC)", "MESSAGES", "CONNECTIONS", "AT", "ONCE"]
    assert day.split() == ["2026-11-22", "15", "0"]
    assert months.split()[2] == "PEOPLE"
    assert month.split() == ["2026-11", "3", "15", "0", "$0.00", "(Free)", "$0.00", "(Sandbox)"]
    assert prices.startswith("Prices of 2026-")
    told = json.loads(desk.call("usage", "--since", "2000-01-01", "--json").stdout)
    assert told["days"] == [{"name": "2026-11-22", "messages": 15, "connections": 0}]
    assert told["months"][0]["people"] == 3
    assert [offer["plan"] for offer in told["months"][0]["offers"]] == ["Free", "Sandbox"]
    ahead = ("--since", "2000-01-01", "--tz", "Pacific/Kiritimati")  # 14 hours
    assert desk.call("usage", *ahead, "--quiet").stdout.startswith("DAY (UTC+14:00)")
    told = json.loads(desk.call("usage", *ahead, "--json").stdout)
    assert told["days"] == [{"name": "2026-11-23", "messages": 15, "connections": 0}]
    assert told["utc_days"] == []
    ended = desk.call("usage", *ahead, "--until", "2026-11-23", "--json")
    assert json.loads(ended.stdout)["days"] == []
    final = desk.call("usage", "--until", "9999-12-31", "--tz", "America/New_York", "--json")
    assert final.code == 0
    later = json.loads(desk.call("usage", "--since", "2090-01-01", "--json").stdout)
    assert (later["days"], later["months"]) == ([], [])


def test_a_desk_that_is_not_there_has_no_use(machine: Machine) -> None:
    assert "There is no desk" in machine.call("usage").failed()
    assert "--since: 'x' is no time" in machine.call("usage", "--since", "x").failed(2)


def test_the_offers_are_told_with_the_date_of_the_prices(machine: Machine) -> None:
    done = machine.call("usage", "--what-if", USE)
    assert (done.code, done.stderr) == (0, "")
    heading, agora, pusher, own = done.stdout.splitlines()
    assert "PRICES OF 20" in heading
    assert agora.split() == ["Agora", "Chat", "Starter", "$349.05"]
    assert pusher.split() == ["Pusher", "Channels", "Sandbox", "$0.00"]
    assert own.startswith("Helpdesk")
    told = json.loads(machine.call("usage", "--json", "--what-if", USE).stdout)
    assert f"PRICES OF {told['prices_as_of']})" in heading
    padded = USE.replace("=", "=00000000000000")
    assert json.loads(machine.call("usage", "--json", "--what-if", padded).stdout) == told
    assert told["use"] == {"users": 5001, "messages": 200000, "connections": 100}
    assert [one["price"] for one in told["offers"]] == [pytest.approx(349.05), 0.0]


@pytest.mark.parametrize(
    "use", ["", "users=1", "users=-1", f"{USE},users=2", NO_USE, "users=²", "cats=1"]
)
def test_a_use_that_is_none_is_told_in_a_sentence(machine: Machine, use: str) -> None:
    assert "--what-if: " in machine.call("usage", "--what-if", use).failed(2)
