"""`helpdesk check`: a table or JSON, and an exit code that a script can go by."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.integration.cli.desk import forge
from tests.integration.cli.machine import Machine


def spoilt(machine: Machine) -> None:
    """Let the summary of the only request say what its log does not."""
    with closing(sqlite3.connect(machine.database)) as file, file:
        forge(file, seq=1)


def test_a_sound_desk_passes_whether_served_or_not(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    with machine.relay():
        served = machine.run("check")
    for done in (served, machine.call("check")):
        assert done.code == 0, done.stderr
        assert [line.split() for line in done.stdout.splitlines()] == [
            ["CHECK", "RESULT"],
            ["pages", "ok"],
            ["references", "ok"],
            ["sequences", "ok"],
            ["times", "ok"],
            ["summaries", "ok"],
            ["audit", "ok"],
        ]
        assert "0 requests" in done.stderr
    assert json.loads(machine.call("check", "--json").stdout) == {
        "ok": True,
        "requests": 0,
        "messages": 0,
        "findings": [],
    }


def test_a_finding_is_told_and_fails(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    spoilt(machine)
    done = machine.call("check")
    assert done.code == 1
    assert "sequences   2 found" in done.stdout
    assert "summaries: #7: Its log says otherwise of" in done.stdout
    assert "helpdesk restore" in done.stderr
    told = json.loads(machine.call("check", "--json").stdout)
    assert (told["ok"], told["requests"]) == (False, 1)
    assert {finding["request"] for finding in told["findings"]} == {7}
    assert {finding["check"] for finding in told["findings"]} == {"sequences", "summaries"}


@pytest.mark.parametrize(
    ("content", "because"),
    [(None, "no desk"), (b"", "no desk"), (b"Dear diary", "no Helpdesk database")],
)
def test_what_is_no_desk_is_not_checked(
    machine: Machine, content: bytes | None, because: str
) -> None:
    if content is not None:
        machine.database.write_bytes(content)
    assert because in machine.call("check").failed()
    assert machine.database.exists() is (content is not None)
