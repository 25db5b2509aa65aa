"""`helpdesk requests`: all of them or some, and one with all that was said in it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from relay.desk import commands
from tests.contract.store.actions import agent_says, opens, says
from tests.fork_server import PROGRAM
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE

EVIL = "\x1b]0;owned\x07 \x9b2J \N{RIGHT-TO-LEFT OVERRIDE}txt"


@pytest.fixture(params=["while the relay runs", "while none runs"])
def desk(request: pytest.FixtureRequest, machine: Machine) -> Iterator[Machine]:
    """Yield a machine with a desk of three requests, served and not."""
    furnish(machine.database)
    with machine.relay() if request.param == "while the relay runs" else nullcontext():
        yield machine


@pytest.fixture
def idle(machine: Machine) -> Machine:
    furnish(machine.database)
    return machine


def numbers(machine: Machine, *arguments: str) -> list[int]:
    done = machine.call("requests", "list", "--json", *arguments or ("--all",))
    assert (done.code, done.stderr) == (0, "")
    return [request["id"] for request in json.loads(done.stdout)]


def test_all_requests_are_listed_the_newest_first(desk: Machine) -> None:
    done = desk.call("requests", "list")
    assert (done.code, done.stderr) == (0, "")
    heading, *rows = done.stdout.splitlines()
    assert heading.split()[:2] == ["REQUEST", "STATUS"]
    assert [row.split()[:2] for row in rows] == [
        ["#3", "waiting"],
        ["#2", "active"],
        ["#1", "closed"],
    ]
    assert numbers(desk) == [3, 2, 1]


def test_the_filters_are_those_of_the_other_commands(idle: Machine) -> None:
    assert numbers(idle, "--status", "closed") == [1]
    assert numbers(idle, "--agent", "Kim") == numbers(idle, "--tag", "billing") == [2]
    assert numbers(idle, "--customer", "Ada") == [1]
    assert numbers(idle, "--search", "gruße 世") == [3]
    assert numbers(idle, "--limit", "2") == [3, 2]
    assert numbers(idle, "is:closed") == numbers(idle, "ada", "--status", "closed") == [1]
    assert numbers(idle, "by:kim", "TAG:billing") == numbers(idle, "is:active before:1m") == [2]
    for wrong, said in (
        (("is:lost",), "is:lost is none of is:waiting"),
        (("is:new",), "is:new is for the console"),
        (("is:mine",), "Nobody is signed in here"),
        (("is:closed", "--status", "active"), "Only one status"),
        (("by:kim", "--agent", "Sam"), "Only one agent"),
    ):
        assert said in idle.call("requests", "list", *wrong).failed(2)
    assert "No agent is meant by by:bo" in idle.call("requests", "list", "by:bo").failed()
    assert numbers(idle, "--until", "2001-01-01") == numbers(idle, "--site", "elsewhere") == []


def test_digits_are_an_id_and_where_nobody_has_it_a_name(idle: Machine) -> None:
    with Bench(idle.database) as bench:
        bench.do(opens("one", None, name="4711"))
        bench.do(opens("other", None, name="1"))

    def of(customer: str) -> list[int]:
        listed = idle.call("requests", "list", "--json", "--customer", customer).stdout
        numbers = [request["id"] for request in json.loads(listed)]
        export = idle.call("export", "-q", "--customer", customer).stdout
        lines = map(json.loads, export.splitlines())
        told = [line["request"]["id"] for line in lines if line["type"] == "request"]
        assert sorted(numbers) == told
        return told

    assert of("4711") == [4]
    assert of("1") == [1]
    assert of("4712") == []


def test_a_list_of_more_than_one_page_is_whole(idle: Machine) -> None:
    with Bench(idle.database) as bench:
        many = [opens(f"customer {number}") for number in range(4, 421)]
        bench.do(lambda transaction: [one(transaction) for one in many])
    assert numbers(idle) == list(range(420, 0, -1))
    assert numbers(idle, "--limit", "201") == list(range(420, 219, -1))
    usual = idle.call("requests", "list", "--json")
    assert [one["id"] for one in json.loads(usual.stdout)] == list(range(420, 320, -1))
    assert usual.stderr == (
        "helpdesk: These are the newest 100; --all lists all, --limit N another number.\n"
    )
    assert numbers(idle, "--status", "closed") == [1]
    both = idle.call("requests", "list", "--all", "--limit", "7").failed(2)
    assert "--limit says how many" in both


def test_a_request_is_shown_with_its_messages_and_notes(desk: Machine) -> None:
    done = desk.call("requests", "show", "#1")
    assert (done.code, done.stderr) == (0, "")
    assert "Customer: Ada (id 1)\n" in done.stdout
    assert "Where is my order?" in done.stdout
    assert "(note)\n    A *difficult* one" in done.stdout
    told = json.loads(desk.call("requests", "show", "1", "--json").stdout)
    assert told["status"] == "closed"
    assert [message["seq"] for message in told["messages"]] == list(range(1, told["seq"] + 1))


def test_a_long_request_is_shown_whole(idle: Machine) -> None:
    with Bench(idle.database) as bench:
        many = [says("eve", f"line {number}", f"more {number}") for number in range(450)]
        bench.do(lambda transaction: [one(transaction) for one in many])
    told = json.loads(idle.call("requests", "show", "3", "--json").stdout)
    assert [message["seq"] for message in told["messages"]] == list(range(1, told["seq"] + 1))


def test_a_terminal_is_sent_nothing_that_it_would_obey(idle: Machine) -> None:
    with Bench(idle.database) as bench:
        bench.do(opens("mal", EVIL, name=f"Mal{EVIL}"))
        bench.do(agent_says(1, 4, commands.Note(f"a\x1b[2Jb\n{EVIL}"), "n"))
    for arguments in (("list",), ("list", "--json"), ("show", "4"), ("show", "4", "--json")):
        shown = idle.call("requests", *arguments).stdout
        assert all(char == "\n" or char.isprintable() for char in shown)
        assert "owned" in shown


def test_mistakes_are_told_in_a_sentence(idle: Machine) -> None:
    assert "no request #9" in idle.call("requests", "show", "9").failed()
    assert "no request's number" in idle.call("requests", "show", "nine").failed(2)
    assert "--since" in idle.call("requests", "list", "--since", "soon").failed(2)
    assert "no agent Bo" in idle.call("requests", "list", "--agent", "Bo").failed()


def test_looking_where_no_desk_is_makes_none(machine: Machine) -> None:
    assert "There is no desk in" in machine.call("requests", "list").failed()
    assert not machine.database.exists()


def test_nobody_reading_is_no_mistake_to_tell_of(idle: Machine) -> None:
    with subprocess.Popen(
        [PROGRAM, "requests", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=idle.home,
        env=idle.environment,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(PATIENCE)) == (b"", 1)
