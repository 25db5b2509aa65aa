"""`helpdesk serve`: one line when it is ready, one sentence when it cannot start, a quick end."""

import json
import signal
import socket
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from tests.free_port import free_port
from tests.integration.cli.machine import Ended, Machine
from tests.patience import PATIENCE


def test_one_line_says_when_the_relay_is_ready_and_where(machine: Machine) -> None:
    with machine.serve() as relay:
        with urllib.request.urlopen(f"{relay.url}/readyz", timeout=PATIENCE) as answer:
            assert answer.read().strip() == b"ok"
        ended = relay.end()
    [event] = map(json.loads, ended.stderr.splitlines())
    assert (ended.code, event["event"]) == (0, "desk_created")


def test_a_first_start_says_where_the_desk_is_and_that_nobody_is_an_agent(machine: Machine) -> None:
    nobody = "helpdesk: nobody is an agent yet; add the first with `helpdesk agent add NAME`.\n"
    with machine.serve() as relay:
        assert f"helpdesk: this is a new desk, in {machine.database}.\n" in relay.said
        assert nobody in relay.said
        machine.call("agent", "add", "Sam")
    with machine.serve() as relay:
        assert relay.said == ""


def test_ctrl_c_ends_the_relay_without_a_word(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")  # so that there is a desk already
    with machine.serve() as relay:
        assert relay.end(signal.SIGINT) == Ended(0, "", "")


def test_the_page_to_try_it_on_is_there_on_demand_alone(machine: Machine) -> None:
    with machine.serve("--demo") as relay:
        with urllib.request.urlopen(f"{relay.url}/", timeout=PATIENCE) as answer:
            assert b"widget.js" in answer.read()
        relay.end()
    with machine.serve() as relay, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{relay.url}/", timeout=PATIENCE)


def test_the_relay_listens_where_the_flag_says(machine: Machine) -> None:
    port = free_port()
    machine.variables = {"HELPDESK_PORT": "1"}
    with machine.serve("--port", str(port)) as relay:
        assert relay.url == f"http://127.0.0.1:{port}"


def test_a_taken_port_is_told(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        sentence = machine.run("serve", "--port", port).failed()
    assert port in sentence
    assert "--port" in sentence


def test_a_database_of_another_relay_is_told(machine: Machine) -> None:
    with machine.serve() as relay:
        sentence = machine.run("serve", "--port", "0").failed()
        assert f"process {relay.process.pid}" in sentence
        assert str(machine.database) in sentence


def test_a_database_of_a_newer_program_is_left_alone(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    with closing(sqlite3.connect(machine.database)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = machine.database.read_bytes()
    assert "newer" in machine.run("serve", "--port", "0").failed()
    assert machine.database.read_bytes() == before


def test_a_folder_is_no_damaged_database(machine: Machine) -> None:
    machine.database.mkdir()
    sentence = machine.run("serve", "--port", "0").failed()
    assert sentence.endswith(f"{machine.database} is a folder; give a file with --database.")
    assert list(machine.home.iterdir()) == [machine.database]


def test_a_file_that_is_no_database_is_left_alone(machine: Machine) -> None:
    machine.database.write_text("Dear diary, " * 100)
    assert "database" in machine.run("serve", "--port", "0").failed()
    assert machine.database.read_text() == "Dear diary, " * 100


def test_another_kind_of_database_is_told(machine: Machine) -> None:
    machine.variables = {"HELPDESK_DATABASE": "postgresql://ada:hunter2@db/desk"}
    sentence = machine.run("serve").failed()
    assert sentence.startswith("helpdesk: HELPDESK_DATABASE: postgresql is not supported")
    assert "hunter2" not in sentence


def test_without_a_database_named_it_lies_in_the_user_s_data_folder(machine: Machine) -> None:
    machine.variables = {"HELPDESK_DATABASE": ""}
    with machine.serve():
        assert (machine.home / "data/helpdesk/helpdesk.db").exists()


def test_the_ready_line_says_where_the_relay_listens_whatever_browsers_call_it(
    machine: Machine,
) -> None:
    with machine.serve("--public-url", "https://help.example.org") as relay:
        assert relay.url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{relay.url}/healthz", timeout=PATIENCE) as health:
            assert health.read() == b"ok"
