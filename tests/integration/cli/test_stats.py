"""`helpdesk stats`: the desk's figures, as tables and as JSON."""

import json
import sqlite3
import time
from contextlib import closing, nullcontext
from datetime import datetime

import pytest

from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine

NAME = "Sam\x1b]0;owned\x07\x9b2J"


@pytest.fixture
def desk(machine: Machine) -> Machine:
    """Return a machine with three requests, opened an hour ago, an answer after 90 s."""
    furnish(machine.database)
    opened = round((time.time() - 3600) * 1000)
    with closing(sqlite3.connect(machine.database)) as file, file:
        file.execute("UPDATE help_request SET opened_at = ?", [opened])
        file.execute("UPDATE message SET at = ? WHERE by_role = 'agent'", [opened + 90_000])
        file.execute("UPDATE agent SET name = ? WHERE id = 1", [NAME])
    return machine


def test_the_tables_tell_all_groups(desk: Machine) -> None:
    with desk.relay():
        done = desk.call("stats")
    assert (done.code, done.stderr) == (0, "")
    blocks = [block.splitlines() for block in done.stdout.split("\n\n")]
    assert [block[0].split()[0] for block in blocks] == [
        "REQUESTS",
        "DAY",
        "HOUR",
        "AGENT",
        "SITE",
    ]
    assert blocks[0][1].split()[:7] == ["all", "3", "1", "1", "1.5", "min", "1.5"]
    assert blocks[4][1].split()[:4] == ["default", "3", "1", "1"]
    assert "#" not in done.stdout


def test_groups_can_be_chosen_also_as_json(desk: Machine) -> None:
    told = json.loads(desk.call("stats", "--json").stdout)
    assert told.keys() == {"total", "days", "hours", "agents", "sites", "more"}
    assert told["total"]["requests"] == 3
    assert told["total"]["first_answer"] == {"median": 90.0, "p90": 90.0}
    told = json.loads(desk.call("stats", "--json", "--by", "site", "--by", "agent").stdout)
    assert told.keys() == {"total", "agents", "sites", "more"}
    assert [one["id"] for one in told["agents"]] == [1, 2]


def test_a_time_leaves_out_what_was_opened_at_another(desk: Machine) -> None:
    def requests(*arguments: str) -> int:
        count: int = json.loads(desk.call("stats", "--json", *arguments).stdout)["total"][
            "requests"
        ]
        return count

    assert requests("--since", "2h") == 3
    assert requests("--since", "10m") == requests("--until", "2h") == 0
    assert "--since: 'soon' is no time" in desk.call("stats", "--since", "soon").failed(2)
    assert "--by" in desk.call("stats", "--by", "moon").failed(2)


@pytest.mark.parametrize(
    ("filters", "requests"),
    [
        (("--status", "closed"), 1),
        (("--tag", "billing"), 1),
        (("--customer", "ADA"), 1),
        (("--site", "other"), 0),
        (("--search", "世界"), 1),
        (("--agent", "2", "--status", "active"), 1),
        (("--limit", "2"), 2),
        (("--limit", "1", "--status", "closed"), 1),
        (("--limit", "3", "--until", "2h"), 0),
    ],
)
def test_the_filters_of_all_commands_narrow_the_figures(
    desk: Machine, filters: tuple[str, ...], requests: int
) -> None:
    told = json.loads(desk.call("stats", "--json", *filters).stdout)
    assert told["total"]["requests"] == requests
    assert sum(day["figures"]["ended"] for day in told["days"]) == told["total"]["ended"]


def test_what_was_opened_long_ago_and_closed_now_is_counted_by_its_end(desk: Machine) -> None:
    with closing(sqlite3.connect(desk.database)) as file, file:
        now = round(time.time() * 1000)
        file.execute(
            "UPDATE help_request SET opened_at = 0, closed_at = ? WHERE status = 'closed'", [now]
        )
    [day] = json.loads(desk.call("stats", "--json", "--since", "10m", "--by", "day").stdout)["days"]
    assert (day["figures"]["requests"], day["figures"]["ended"]) == (0, 1)
    assert desk.call("stats", "--since", "10m").code == 0


def test_a_terminal_gets_bars_and_nothing_that_it_would_obey(desk: Machine) -> None:
    with desk.terminal("stats") as child:
        shown = child.read()
    assert "#" * 20 in shown
    assert "owned" in shown
    assert not {"\x1b", "\x07", "\x9b"} & {*shown}


def test_an_empty_desk_and_none_are_no_mistake_and_one(machine: Machine) -> None:
    assert "There is no desk" in machine.call("stats").failed()
    machine.call("agent", "add", "Sam")
    assert machine.call("stats").stdout.splitlines()[1].split() == ["all", "0", "0", "0", *"-----"]


def test_days_and_hours_are_those_of_the_zone_where_the_clocks_change(machine: Machine) -> None:
    furnish(machine.database)
    opened = ["2026-10-24T22:30", "2026-10-25T00:30", "2026-10-25T01:30"]
    with closing(sqlite3.connect(machine.database)) as file, file:
        for number, at in enumerate(opened, 1):
            millis = datetime.fromisoformat(f"{at}Z").timestamp() * 1000
            file.execute("UPDATE help_request SET opened_at = ? WHERE id = ?", [millis, number])
        file.execute("UPDATE help_request SET closed_at = opened_at WHERE status = 'closed'")

    def counts(zone: str, group: str) -> list[tuple[str, int]]:
        words = ("stats", "--json", "--since", "2026-10-25", "--until", "2026-10-26", "--tz", zone)
        told = json.loads(machine.call(*words, "--by", group).stdout)[f"{group}s"]
        return [
            (one["name"] + one.get("offset", ""), one["figures"]["requests"])
            for one in told
            if one["figures"]["requests"]
        ]

    assert counts("Europe/Berlin", "day") == [("2026-10-25", 3)]
    assert counts("UTC", "day") == [("2026-10-25", 2)]
    assert counts("Europe/Berlin", "hour") == [("00+02:00", 1), ("02+02:00", 1), ("02+01:00", 1)]
    assert counts("Asia/Kolkata", "hour") == [
        ("03:30+05:30", 1),
        ("05:30+05:30", 1),
        ("06:30+05:30", 1),
    ]
    shown = machine.call("stats", "--since", "2026-10-25", "--tz", "Europe/Berlin").stdout
    assert "DAY (UTC+02:00, +01:00)" in shown
    assert "HOUR (UTC+02:00 since 2026-10-24)" in shown
    assert "is no time zone" in machine.call("stats", "--tz", "Bärlin").failed(2)


@pytest.mark.parametrize(
    "words",
    [
        ("requests", "list"),
        ("requests", "show", "1"),
        ("replay", "1", "--plain"),
        ("export", "--format", "txt"),
        ("export", "--format", "md"),
        ("export", "--format", "html"),
        ("export", "--format", "csv"),
        ("watch", "--all", "--limit", "1"),
    ],
)
def test_times_that_people_read_are_those_of_the_zone(
    machine: Machine, words: tuple[str, ...]
) -> None:
    furnish(machine.database)
    with machine.serve() if words[0] == "watch" else nullcontext():
        shown = machine.call(*words, "--tz", "Asia/Kolkata").stdout
    assert "+05:30" in shown
    assert "is no time zone" in machine.call(*words, "--tz", "x").failed(2)
