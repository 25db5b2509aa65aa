"""`helpdesk agent`: with a relay that runs, without one, and from another machine."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, nullcontext

import pytest

from tests.fork_server import PROGRAM
from tests.integration.cli.machine import Machine
from tests.patience import PATIENCE


@pytest.fixture(params=["while the relay runs", "while none runs"])
def desk(request: pytest.FixtureRequest, machine: Machine) -> Iterator[Machine]:
    """Yield a machine with a desk, served and not."""
    with machine.relay() if request.param == "while the relay runs" else nullcontext():
        yield machine


def test_an_agent_is_added_listed_and_disabled(desk: Machine) -> None:
    added = desk.run("agent", "add", "Sam")
    assert added.code == 0, added.stderr
    assert added.stdout.startswith("hda_")
    assert len(added.stdout.split()) == 1
    assert "Sam is agent 1" in added.stderr

    boss = json.loads(desk.call("agent", "add", "Ada", "--role", "admin", "--json").stdout)
    assert boss.keys() == {"id", "name", "role", "token"}
    assert (boss["id"], boss["name"], boss["role"]) == (2, "Ada", "admin")

    done = desk.call("agent", "disable", "Sam")
    assert (done.code, done.stdout) == (0, "")
    listed = desk.call("agent", "list")
    assert [line.split() for line in listed.stdout.splitlines()] == [
        ["ID", "NAME", "ROLE", "STATUS"],
        ["1", "Sam", "agent", "disabled"],
        ["2", "Ada", "admin", "offline"],
    ]


def test_a_new_token_takes_the_place_of_the_old(machine: Machine) -> None:
    with machine.relay() as relay:
        old = machine.call("agent", "add", "Sam").stdout.strip()
        made = json.loads(machine.call("agent", "token", "Sam", "--json").stdout)
        assert made | {"token": ""} == {"id": 1, "name": "Sam", "role": "agent", "token": ""}
        login = ("login", "--url", relay.url, "--token")
        assert "does not take this token" in machine.call(*login, old).failed()
        assert machine.call(*login, made["token"]).code == 0


def test_two_names_that_an_old_desk_has_go_on(machine: Machine) -> None:
    for name in ("Kim", "Lee"):
        machine.call("agent", "add", name)
    assert "named Kim already; choose another" in machine.call("agent", "add", "KIM").failed()
    with closing(sqlite3.connect(machine.database)) as file, file:
        file.execute("UPDATE agent SET name = 'KIM' WHERE name = 'Lee'")
    assert "Several agents are called kim" in machine.call("agent", "disable", "kim").failed()
    for name in ("KIM", "Kim"):
        assert machine.call("agent", "disable", name).code == 0
    told = json.loads(machine.call("agent", "list", "--json").stdout)
    assert [one["status"] for one in told] == ["disabled", "disabled"]


def test_looking_for_agents_where_no_desk_is_makes_none(machine: Machine) -> None:
    assert "There is no desk" in machine.call("agent", "list").failed()
    assert not machine.database.exists()


def test_a_disabled_agent_is_kept_out_until_enabled(machine: Machine) -> None:
    with machine.relay() as relay:
        token = machine.call("agent", "add", "Sam").stdout.strip()
        login = ("login", "--url", relay.url, "--token", token)
        machine.call("agent", "disable", "1")
        assert "does not take this token" in machine.call(*login).failed()
        machine.call("agent", "enable", "1")
        assert machine.call(*login).code == 0


def test_a_taken_name_is_told(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    assert "There is an agent named Sam already" in machine.call("agent", "add", "Sam").failed()


def test_a_name_beats_a_number(machine: Machine) -> None:
    machine.call("agent", "add", "2")
    machine.call("agent", "add", "Sam")
    made = json.loads(machine.call("agent", "token", "2", "--json").stdout)
    assert (made["id"], made["name"]) == (1, "2")


@pytest.mark.parametrize("command", ["token", "disable", "enable"])
def test_no_such_agent_is_told(machine: Machine, command: str) -> None:
    assert "There is no agent Nobody" in machine.call("agent", command, "Nobody").failed()


def test_the_list_is_json_for_programs(machine: Machine) -> None:
    machine.call("agent", "add", "Zoë")
    assert json.loads(machine.call("agent", "list", "--json").stdout) == [
        {"id": 1, "name": "Zoë", "role": "agent", "status": "offline"}
    ]


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_name_that_the_terminal_cannot_spell_is_written_all_the_same(
    machine: Machine, more: tuple[str, ...]
) -> None:
    machine.call("agent", "add", "Jürgen")
    machine.variables = {"PYTHONIOENCODING": "ascii"}
    done = machine.run("agent", "list", *more)
    assert (done.code, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["name"] == "Jürgen" if more else r"J\xfcrgen" in done.stdout


def test_an_admin_runs_the_desk_from_another_machine(machine: Machine) -> None:
    away = Machine(machine.home / "away", {"HELPDESK_DATABASE": ""})
    away.home.mkdir()
    with machine.relay() as relay:
        boss = machine.call("agent", "add", "Ada", "--role", "admin").stdout.strip()
        helper = machine.call("agent", "add", "Sam").stdout.strip()
        there = ("agent", "list", "--url", relay.url)
        assert "Sam" in away.call(*there, "--token", boss).stdout
        assert "admin" in away.call(*there, "--token", helper).failed()
        assert "does not take this token" in away.call(*there, "--token", "hda_x").failed()
        assert "needs an admin's token" in away.call(*there).failed()

        away.variables |= {"HELPDESK_URL": relay.url, "HELPDESK_TOKEN": boss}
        assert "Sam" in away.call("agent", "list").stdout
    assert not (away.home / "data").exists()
    assert "No relay answers" in away.call("agent", "list").failed()


def test_a_relay_that_has_the_database_but_does_not_listen_yet_is_waited_for(
    machine: Machine,
) -> None:
    with subprocess.Popen(
        [PROGRAM, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        cwd=machine.home,
        env=machine.environment,
    ) as starting:
        added = [machine.call("agent", "add", name) for name in ("Sam", "Ada")]
        starting.terminate()
        starting.communicate(timeout=PATIENCE)
    assert [done.code for done in added] == [0, 0], added


def test_commands_at_the_same_time_wait_for_each_other(machine: Machine) -> None:
    with ExitStack() as stack:
        commands = [
            stack.enter_context(machine.running("agent", "add", f"Agent {number}"))
            for number in range(4)
        ]
        ended = [command.ended() for command in commands]
    assert [command.code for command in ended] == [0] * 4, ended


def test_a_desk_here_and_a_relay_there_are_not_mixed_up(machine: Machine) -> None:
    done = machine.call("agent", "list", "--database", "x.db", "--url", "http://127.0.0.1:1")
    assert "give one of them" in done.failed(code=2)


def test_a_desk_that_nobody_used_for_a_year_is_no_matter_for_a_command(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    with closing(sqlite3.connect(machine.database)) as file, file:
        file.execute("INSERT INTO meta VALUES ('clock', ?)", ['{"time": 1700000000000}'])
    done = machine.run("agent", "add", "Kim")
    assert (done.code, len(done.stderr.splitlines())) == (0, 1), done.stderr
