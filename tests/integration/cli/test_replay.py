"""`helpdesk replay`: in a terminal with its keys, at once, and once more at a relay."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine


@pytest.fixture
def desk(machine: Machine) -> Machine:
    """Return a machine with a desk on it, whose first request took hours."""
    furnish(machine.database)
    with closing(sqlite3.connect(machine.database)) as file, file:
        file.execute("UPDATE message SET at = at + seq * 3600000 WHERE request_id = 1")
    return machine


def test_it_is_printed_at_once_where_nobody_looks_on(desk: Machine) -> None:
    done = desk.call("replay", "1")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout == desk.call("replay", "#1", "--plain").stdout
    assert "Request #1: Ada" in done.stdout
    assert "    Where is my order?" in done.stdout
    assert "Ada closed the request [closed]" in done.stdout
    assert "difficult" not in done.stdout
    assert "\x1b" not in done.stdout


def test_notes_and_a_beginning_may_be_chosen(desk: Machine) -> None:
    assert "Agent 1 (note)\n    A *difficult* one" in desk.call("replay", "1", "--notes").stdout
    tail = desk.call("replay", "1", "--from", "5").stdout
    assert "Where is my order?" not in tail
    assert "On its way." in tail


def test_keys_pause_step_skip_and_end_it_on_a_terminal(desk: Machine) -> None:
    with desk.terminal("replay", "1") as child:
        child.expect("Request #1: Ada")
        child.expect(r"\.\.\. 1.0 h later")
        child.send(" ")
        child.expect("paused; space: pause")
        child.send("s")
        child.expect("Welcome!")
        child.expect("paused; ")
        child.send("s")
        child.expect("Where is my order")
        child.send("ffffff ")
        child.expect("Ada closed the request")
        child.wait()
        assert child.exitstatus == 0
    with desk.terminal("replay", "1") as child:
        child.expect("later")
        child.send("q")
        child.wait()
        assert child.exitstatus == 0


def test_the_terminal_is_as_it_was_after_ctrl_c(desk: Machine) -> None:
    with desk.terminal("replay", "1") as child:
        child.expect("later")
        child.sendintr()
        rest = child.read()
        child.wait()
        assert (child.exitstatus, "Traceback" in rest) == (130, False)


def messages(machine: Machine, number: int) -> list[tuple[Any, ...]]:
    assert machine.call("export", "-q", "-o", "out", str(number)).code == 0
    lines = map(json.loads, (machine.home / "out").read_text().splitlines())
    return [
        (line["kind"], line.get("activity"), line["by"]["role"], line.get("text"))
        for line in lines
        if line["type"] == "message"
    ]


def test_it_is_acted_again_at_a_relay_with_its_notes_if_asked_for(desk: Machine) -> None:
    token = desk.call("agent", "token", "Sam").stdout.split()[-1]
    with desk.relay(greeting="Welcome!") as relay:
        arguments = ("--speed", "max", "--to", relay.url, "--token", token)
        done = desk.call("replay", "1", *arguments)
        assert done.code == 0, done.stderr
        assert "It is #4 there; 5 frames were answered, half of them within" in done.stderr
        assert done.stderr.endswith("; 1 of the log left out.\n")
        assert "difficult" not in done.stdout
        said = [message for message in messages(desk, 1) if message[0] != "note"]
        assert messages(desk, 4) == said
        whole = desk.call("replay", "1", "--notes", *arguments)
        assert "It is #5 there; 6 frames were answered" in whole.stderr
        assert "A *difficult* one" in whole.stdout
        assert messages(desk, 5) == messages(desk, 1)
        tagged = desk.call("replay", "2", *arguments)
        assert "It is #6 there" in tagged.stderr
    assert "2 requests" in desk.call("export", "-o", "out", "--tag", "billing").stderr


def test_mistakes_are_told_in_a_sentence(desk: Machine) -> None:
    assert "no request #9" in desk.call("replay", "9").failed()
    assert "no request's number" in desk.call("replay", "nine").failed(2)
    assert "--speed" in desk.call("replay", "1", "--speed", "2").failed(2)
    assert "--from" in desk.call("replay", "1", "--from", "3", "--to", "ws://x").failed(2)
    assert "#1 ends with 7; give --from" in desk.call("replay", "1", "--from", "8").failed()
    assert "closed the request" in desk.call("replay", "1", "--from", "7").stdout
    assert "helpdesk login" in desk.call("replay", "1", "--to", "ws://127.0.0.1:1").failed()
    refused = desk.call("replay", "1", "--to", "ws://127.0.0.1:1", "--token", "hda_x").failed()
    assert "No relay answers" in refused
