"""`helpdesk watch`: every event once, over any number of ends of the command and of the relay."""

import json
import signal
import time
from collections import Counter
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.contract.store.actions import opens, says
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine, Running
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE

EVIL = "\x1b]0;owned\x07\x9b2J\N{RIGHT-TO-LEFT OVERRIDE}txt"
LONG = "x" * 800
"""So that a pipe holds no more than a part of the messages."""


@pytest.fixture
def desk(machine: Machine) -> Machine:
    """Return a machine with a desk on which 15 messages are stored."""
    furnish(machine.database)
    return machine


def watching(machine: Machine, *arguments: str) -> AbstractContextManager[Running]:
    return machine.running("watch", *arguments)


def event(watch: Running) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(watch.stdout.readline())
    return found


def wait_for(file: Path, watch: Running) -> None:
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        assert watch.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nothing_is_lost_or_doubled_however_often_it_is_ended(desk: Machine) -> None:
    with Bench(desk.database) as bench:
        more = [says("eve", f"{number} {LONG}", f"more {number}") for number in range(300)]
        bench.do(lambda transaction: [one(transaction) for one in more])
    heard = list[dict[str, Any]]()
    rounds = 0
    with desk.relay():
        while len(heard) < 315:
            rounds += 1
            with watching(desk, "--json", "--all", "--cursor", "place") as watch:
                heard.append(event(watch))
                by = (signal.SIGTERM, signal.SIGINT)[rounds % 2]
                ended = watch.end(by)
                heard += map(json.loads, ended.stdout.splitlines())
                assert ended.stderr == ""
                assert ended.code == (0 if by is signal.SIGTERM else 130)
            assert (desk.home / "place").read_text() == f"{heard[-1]['cursor']}\n"
    assert rounds > 1, "it was never ended in the middle"
    assert Counter(one["request"] for one in heard) == {1: 7, 2: 5, 3: 303}
    for number in (1, 2, 3):
        seqs = [one["message"]["seq"] for one in heard if one["request"] == number]
        assert seqs == list(range(1, len(seqs) + 1))


def test_it_comes_back_to_a_relay_that_was_away(desk: Machine) -> None:
    with ExitStack() as stack:
        with desk.relay():
            watch = stack.enter_context(watching(desk, "--cursor", "place"))
            wait_for(desk.home / "place", watch)
            desk.call("send", "3", "one", "--as", "Sam")
            assert "#3  Sam took the request" in watch.stdout.readline()
            assert watch.stdout.readline().endswith("#3  Sam: one\n")
        assert watch.stderr.readline().endswith("Coming back as soon as the relay answers.\n")
        desk.call("send", "3", "two", "--as", "Sam")
        with desk.relay():
            assert watch.stdout.readline().endswith("#3  Sam: two\n")
        assert watch.end().code == 0


def test_the_filters_are_those_of_the_other_commands(desk: Machine) -> None:
    with desk.relay(), watching(desk, "--all", "--json", "--tag", "billing") as watch:
        heard = [event(watch) for _ in range(5)]
    assert {one["request"] for one in heard} == {2}
    assert heard[0].keys() == {"cursor", "request", "message"}


def test_it_ends_by_itself_after_as_many_events_as_are_wanted(desk: Machine) -> None:
    wanted = ("watch", "--all", "--json", "--cursor", "place", "--limit", "4")
    with desk.relay():
        heard = [
            json.loads(line) for _ in range(2) for line in desk.call(*wanted).stdout.splitlines()
        ]
    assert [one["message"]["seq"] for one in heard] == [1, 2, 3, 4, 5, 6, 7, 1]
    assert (desk.home / "place").read_text() == f"{heard[-1]['cursor']}\n"


def test_a_terminal_is_sent_nothing_that_it_would_obey(desk: Machine) -> None:
    with Bench(desk.database) as bench:
        bench.do(opens("mal", EVIL, name=f"Mal{EVIL}"))
    with desk.relay():
        for form in ([], ["--json"]):
            with watching(desk, "--all", "--customer", "4", *form) as watch:
                for shown in [watch.stdout.readline() for _ in range(3)]:
                    assert shown[:-1].isprintable()


def test_a_line_that_nobody_took_is_written_again(desk: Machine) -> None:
    with desk.relay():
        with watching(desk, "--json", "--cursor", "place") as watch:
            wait_for(desk.home / "place", watch)
            before = (desk.home / "place").read_text()
            watch.stdout.close()
            desk.call("send", "3", "one", "--as", "Sam")
            assert (watch.stderr.read(), watch.process.exit_code()) == ("", 1)
        assert (desk.home / "place").read_text() == before
        with watching(desk, "--json", "--cursor", "place") as watch:
            assert event(watch)["message"]["activity"] == "claimed"
            assert event(watch)["message"]["text"] == "one"


def test_mistakes_are_told_in_a_sentence(desk: Machine) -> None:
    assert "helpdesk serve" in desk.call("watch").failed()
    assert "--cursor" in desk.call("watch", "--cursor", "-").failed(2)
    assert "HELPDESK_TOKEN" in desk.call("watch", "--url", "http://127.0.0.1:1").failed()
    (desk.home / "other").write_text("0123456789abcdef:3\n")
    (desk.home / "none").write_text("x" * 65)
    with desk.relay():
        told = desk.call("watch", "--cursor", "other").failed()
        assert told.startswith("helpdesk: other: ")
        assert "another desk" in told
        assert "none holds no cursor" in desk.call("watch", "--cursor", "none").failed()
        assert "with --cursor" in desk.call("watch", "--cursor", "no/such/file").failed()
        assert "no agent Bo" in desk.call("watch", "--agent", "Bo").failed()
