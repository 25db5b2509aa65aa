"""The command in the environments of containers: Services, numbers as users, typing errors."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fork_server import PROGRAM
from tests.integration.cli.machine import Ended, Machine
from tests.integration.relay.relay_process import served
from tests.patience import PATIENCE
from tests.unit.settings.test_environment import SERVICE

UNSHARE = ("unshare", "--user", "--map-user=54321")
NOBODY = """
import pwd
def nobody(number): raise KeyError(number)
pwd.getpwuid = nobody
from cli.main import run
run()
"""
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
"""Takes root's power away to read what it may not."""


def test_a_service_called_helpdesk_keeps_no_command_from_running(machine: Machine) -> None:
    machine.variables = SERVICE
    assert machine.call("agent", "add", "Sam").code == 0
    shown = machine.call("config", "show")
    assert "HELPDESK_PORT, HELPDESK_PORT_8765_TCP, " in shown.stderr
    assert json.loads(machine.call("config", "show", "--json").stdout)["port"]["from"] == "default"
    assert machine.call("config", "check").stderr.count("\n") == 1
    with machine.serve() as relay:
        assert relay.end() == Ended(0, "", "")


async def test_the_relay_logs_a_misspelt_variable_with_what_is_meant(tmp_path: Path) -> None:
    async with served(tmp_path / "desk.db", 0, retention_day=30) as relay:
        lines = [json.loads(one) for one in relay.log.read_text().splitlines() if one[0] == "{"]
    [line] = [line for line in lines if line["event"] == "unknown_variable_ignored"]
    del line["time"]
    assert line == {
        "level": "warning",
        "event": "unknown_variable_ignored",
        "variable": "HELPDESK_RETENTION_DAY",
        "meant": "HELPDESK_RETENTION_DAYS",
    }


def test_the_doctor_tells_a_misspelt_variable(machine: Machine) -> None:
    machine.variables = {"HELPDESK_RETENTION_DAY": "30"}
    results = json.loads(machine.call("doctor", "--json").stdout)
    assert {
        "check": "settings",
        "outcome": "warning",
        "says": "HELPDESK_RETENTION_DAY is no setting, and sets nothing; "
        "perhaps HELPDESK_RETENTION_DAYS is meant.",
    } in results


def as_a_number(machine: Machine, *arguments: str, **variables: str) -> Ended:
    """Run `helpdesk` as a user that no file of users has, without a home folder."""
    may = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    program = [*UNSHARE, PROGRAM] if may else [sys.executable, "-c", NOBODY]
    done = subprocess.run(
        [*program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=machine.home,
        env={"PATH": os.environ["PATH"], **variables},
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ("agent list", "name the database with --database or HELPDESK_DATABASE."),
        ("serve", "name the database with --database or HELPDESK_DATABASE."),
        ("login --url http://127.0.0.1:1 --token x", "XDG_CONFIG_HOME."),
        ("tui --plain --token x", "XDG_STATE_HOME."),
    ],
)
def test_a_user_without_a_home_is_told_what_to_name(
    machine: Machine, arguments: str, remedy: str
) -> None:
    sentence = as_a_number(machine, *arguments.split()).failed()
    assert sentence == (
        f"helpdesk: The home folder of this user is not known; set HOME, or {remedy}"
    )


def test_a_user_without_a_home_works_where_the_paths_are_given(machine: Machine) -> None:
    database = str(machine.home / "desk.db")
    assert as_a_number(machine, "agent", "add", "Sam", HELPDESK_DATABASE=database).code == 0
    token = machine.call("agent", "token", "Sam").stdout.strip()
    config, state = str(machine.home / "config"), str(machine.home / "state")
    assert as_a_number(machine, "config", "check").code == 0
    with machine.serve() as relay:
        entered = as_a_number(
            machine, "login", "--url", relay.url, "--token", token, XDG_CONFIG_HOME=config
        )
        assert entered.code == 0
        talked = as_a_number(
            machine, "tui", "--plain", XDG_CONFIG_HOME=config, XDG_STATE_HOME=state
        )
        assert (talked.code, talked.stderr) == (0, "")


def test_a_file_that_may_not_be_read_is_told_with_its_owner(machine: Machine) -> None:
    file = machine.home / "closed.toml"
    file.touch(mode=0)
    done = subprocess.run(
        [*POWERLESS, PROGRAM, "config", "check", "--config", str(file)],
        capture_output=True,
        text=True,
        env=machine.environment,
        timeout=PATIENCE,
        check=False,
    )
    owner = file.owner()
    assert (done.returncode, done.stderr) == (
        1,
        f"helpdesk: {file} belongs to {owner}, and {owner} may not read it; "
        "let them, or name another file.\n",
    )


@pytest.mark.parametrize("files", ["6", "16", "63"])
@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("agent", "list")])
def test_too_few_open_files_are_told_before_anything_begins(
    machine: Machine, command: tuple[str, ...], files: str
) -> None:
    told = machine.run_in_shell(f'ulimit -n {files}; exec "$@"', *command).failed()
    assert f"may open {files} files only, and needs 64 at least; raise LimitNOFILE" in told
    assert not machine.database.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("serve", "--database"),
        ("check", "--database"),
        ("restore",),
        ("canned", "import"),
        ("watch", "--cursor"),
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for(
    machine: Machine, command: tuple[str, ...]
) -> None:
    pipe = machine.home / "pipe"
    os.mkfifo(pipe)
    told = machine.run(*command, str(pipe)).failed()
    assert "give a regular file" in told or "this is no regular file" in told
