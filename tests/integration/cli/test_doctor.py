"""`helpdesk doctor`: every check fails once, and the probe leaves no data."""

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from cli.doctor_checks import Outcome, clock_result, engine_result
from cli.doctor_probe import Probe, clean_up
from relay.desk.events import Millis
from relay.settings import Settings
from relay.store.sqlite.location import engine_status
from relay.store.values import ClockRecord
from tests.free_port import free_port
from tests.integration.cli.desk import forge
from tests.integration.cli.machine import Ended, Machine
from tests.reliability.proxy import between

HOOK = {"url": "https://crm.example", "secrets": [f"whsec_{'A' * 32}"]}


def outcomes(done: Ended) -> dict[str, str]:
    return {row["check"]: row["outcome"] for row in json.loads(done.stdout)}


def says(done: Ended, check: str) -> str:
    return str(next(row["says"] for row in json.loads(done.stdout) if row["check"] == check))


def settle(machine: Machine) -> Machine:
    """Return *machine* with a desk, a port of its own and an origin."""
    machine.variables = {
        "HELPDESK_ALLOWED_ORIGINS": "https://shop.example",
        "HELPDESK_PORT": str(free_port()),
    }
    machine.call("agent", "add", "Sam")
    return machine


@pytest.fixture
def well(machine: Machine) -> Machine:
    """Return a machine whose desk nobody serves."""
    return settle(machine)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Yield a machine whose desk is served, for tests that leave nothing in it."""
    machine = settle(Machine(tmp_path_factory.mktemp("served")))
    origins = machine.variables["HELPDESK_ALLOWED_ORIGINS"]
    with machine.relay(port=machine.variables["HELPDESK_PORT"], allowed_origins=origins):
        yield machine


def with_variables(machine: Machine, **variables: str) -> Machine:
    """Return *machine* as it is with more *variables*."""
    return Machine(machine.home, machine.variables | variables)


def rows(machine: Machine) -> list[int]:
    tables = ("help_request", "message", "customer", "open_answer")
    with closing(sqlite3.connect(machine.database)) as file:
        return [file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_a_desk_that_runs_is_well_and_the_probe_leaves_nothing(served: Machine) -> None:
    done = served.call("doctor", "--json")
    assert (done.code, done.stderr) == (0, ""), done
    found = outcomes(done)
    assert found.pop("certificate") == "not run"
    assert set(found.values()) == {"ok"}
    assert found.keys() >= {"settings", "origins of default", "file", "schema", "round trip"}
    assert found.keys() >= {"pages", "references", "sequences", "summaries"}
    assert "erased" in says(done, "round trip")
    assert rows(served) == [0, 0, 0, 0]


def test_without_a_relay_the_round_trip_is_not_run_and_that_is_no_failure(well: Machine) -> None:
    done = well.call("doctor", "--json")
    assert done.code == 0
    assert outcomes(done)["round trip"] == "not run"
    assert "start it" in says(done, "round trip")


def test_it_knows_what_the_relay_was_started_with_and_no_setting_says(machine: Machine) -> None:
    origins = {
        "allowed_origins": "https://shop.example",
        "sites": {"b": {"origins": ["https://b"]}},
    }
    strict = {"require_identity": True, "identity_keys": {"2026": "s" * 32}}
    with machine.relay(connections_per_address=0, **origins, **strict) as relay:
        done = machine.call("doctor", "--json")
        assert (done.code, outcomes(done)["round trip"]) == (0, "not run")
        assert "identities" in says(done, "round trip")
        assert says(done, "origins of default") == "https://shop.example"
        assert says(done, "origins of b") == "https://b"
        assert "connections_per_address is 0" in says(done, "settings")
        assert "restart" not in outcomes(done)
        shown = machine.call("snippet", "--site", "b")
        assert f'src="http://127.0.0.1:{relay.port}/widget.js" data-site="b"' in shown.stdout
        assert "list their origins" not in shown.stderr
        machine.variables = {"HELPDESK_PUBLIC_URL": "https://old.example"}
        assert "127.0.0.1" in machine.call("snippet").stdout
        shown = machine.call("snippet", "--public-url", "https://new.example")
        assert 'src="https://new.example/widget.js"' in shown.stdout


def test_another_relay_at_that_port_is_no_round_trip(served: Machine, machine: Machine) -> None:
    with machine.relay() as other:
        done = served.call("doctor", "--json", "--port", str(other.port))
    assert (done.code, outcomes(done)["round trip"]) == (1, "failed")
    assert "Another relay" in says(done, "round trip")


def test_nobody_listening_at_that_port_is_no_round_trip(served: Machine) -> None:
    done = served.call("doctor", "--json", "--port", str(free_port()))
    assert (done.code, outcomes(done)["round trip"]) == (1, "failed")


def test_the_relay_is_asked_where_it_listens_whatever_the_settings_say(served: Machine) -> None:
    other = str(free_port())
    done = with_variables(served, HELPDESK_PORT=other).call("doctor", "--json")
    found = outcomes(done)
    assert (done.code, found["round trip"], found["restart"]) == (0, "ok", "warning")
    assert "runs with another port than the settings say; restart" in says(done, "restart")


def test_a_desk_that_others_may_read_fails(well: Machine) -> None:
    well.database.chmod(0o644)
    done = well.call("doctor", "--json")
    assert (done.code, outcomes(done)["file"]) == (1, "failed")
    assert done.stderr == "helpdesk: Not well: file.\n"


def test_a_clock_that_is_far_from_what_the_desk_knows_is_a_warning() -> None:
    now, day = Millis(1_796_000_000_000), 24 * 3600 * 1000
    for ago, word in ((400, "400 days ahead of"), (-400, "400 days behind")):
        found = clock_result(ClockRecord(Millis(now - ago * day)), now)
        assert (found.outcome, word in found.says) == (Outcome.WARNING, True)
    for known in (None, ClockRecord(now), ClockRecord(Millis(now - 7 * day))):
        assert clock_result(known, now).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("UPDATE help_request SET seq = 9", "sequences"),
        ("UPDATE help_request SET customer_id = 99", "references"),
        ("UPDATE alembic_version SET version_num = '9999'", "schema"),
    ],
)
def test_damage_fails_by_the_name_of_its_check(well: Machine, damage: str, check: str) -> None:
    with closing(sqlite3.connect(well.database)) as file, file:
        forge(file, seq=0)
        file.execute(damage)
    done = well.call("doctor", "--json")
    assert (done.code, outcomes(done)[check]) == (1, "failed")


def test_no_desk_yet_is_a_warning(machine: Machine) -> None:
    done = machine.call("doctor", "--json")
    assert (done.code, outcomes(done)["database"]) == (0, "warning")
    assert not machine.database.exists()


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("HOST", "0.0.0.0", "TLS"),
        ("PUBLIC_URL", "http://desk.example", "plain http"),
        ("BURST", "0", "too fast"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0", "trusted_proxies"),
        ("TRUSTED_PROXIES", "::/0", "trusted_proxies"),
        ("CONNECTIONS_PER_ADDRESS", "0", "one address"),
        ("IDENTITY_KEYS", '{"old": "hunter2"}', "identity_keys.old"),
        ("WEBHOOKS", json.dumps({"a": HOOK, "b": HOOK}), "share a secret"),
    ],
)
def test_a_risky_setting_is_a_warning(well: Machine, name: str, value: str, word: str) -> None:
    well.variables[f"HELPDESK_{name}"] = value
    done = well.call("doctor", "--json")
    assert (done.code, outcomes(done)["settings"]) == (0, "warning")
    assert word in says(done, "settings")
    assert "hunter2" not in done.stdout


def test_a_setting_that_is_wrong_is_a_failed_row_too(well: Machine) -> None:
    well.variables["HELPDESK_PORT"] = "many"
    done = well.call("doctor", "--json")
    assert (done.code, outcomes(done)) == (1, {"settings": "failed"})
    assert "HELPDESK_PORT" in says(done, "settings")
    assert done.stderr == "helpdesk: Not well: settings.\n"


@pytest.mark.parametrize("made", ["fifo", "loop", "device", "folder"])
def test_what_can_hold_no_desk_fails_in_a_sentence(machine: Machine, made: str) -> None:
    match made:
        case "fifo":
            os.mkfifo(machine.database)
        case "loop":
            machine.database.symlink_to(machine.database)
        case "device":
            machine.database.symlink_to("/dev/null")
        case "folder":
            machine.database.mkdir()
    examine = machine.run if made == "fifo" else machine.call  # the first might wait for ever
    done = examine("doctor", "--json")
    assert (done.code, outcomes(done)["database"]) == (1, "failed"), done
    assert "give" in says(done, "database")


def test_what_a_probe_had_to_leave_is_told_by_its_number(machine: Machine) -> None:
    nobody = Settings.model_validate({"database": str(machine.database)})
    said = asyncio.run(clean_up(nobody, Probe("doctor 5eed", 7)))
    assert said == " Request #7 of doctor 5eed may be left; delete it with `helpdesk purge`."
    assert "A request of" in asyncio.run(clean_up(nobody, Probe("doctor 5eed")))


def test_a_desk_of_the_shortest_texts_is_well(well: Machine) -> None:
    well.variables["HELPDESK_TEXT_LIMIT"] = "1"
    with well.relay(port=well.variables["HELPDESK_PORT"], text_limit=1):
        done = well.call("doctor", "--json")
    assert (done.code, outcomes(done)["round trip"]) == (0, "ok"), done


@pytest.mark.parametrize(
    ("cuts", "swallows"),
    [
        (b'"opened"', b""),
        (b"Answered", b""),
        (b'"forgotten"', b""),
        (b"", b'"opened"'),
    ],
)
def test_a_probe_that_loses_its_way_leaves_nothing(
    served: Machine, monkeypatch: pytest.MonkeyPatch, cuts: bytes, swallows: bytes
) -> None:
    monkeypatch.setattr("cli.doctor_probe.ANSWER_PATIENCE", 2.0)
    with between(int(served.variables["HELPDESK_PORT"]), cuts, swallows) as proxy:
        began = time.monotonic()
        done = served.call("doctor", "--json", "--port", str(proxy.port))
        assert time.monotonic() - began < 20
        assert (done.code, outcomes(done)["round trip"]) == (1, "failed"), done
        assert "left" not in says(done, "round trip")
        assert rows(served) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("origins", "word"), [("", "None is listed"), ("http://shop.example", "http://shop.example")]
)
def test_origins_that_help_nobody_or_anybody_are_a_warning(
    well: Machine, origins: str, word: str
) -> None:
    well.variables["HELPDESK_ALLOWED_ORIGINS"] = origins
    done = well.call("doctor", "--json")
    assert (done.code, outcomes(done)["origins of default"]) == (0, "warning")
    assert word in says(done, "origins of default")


@pytest.mark.parametrize(("version", "fault"), [((3, 51, 2), True), ((3, 51, 3), False)])
def test_a_fault_of_sqlite_that_the_relay_does_not_meet_is_told_but_no_warning(
    version: tuple[int, ...], fault: bool
) -> None:
    found = engine_result(engine_status(version))
    assert found.outcome is Outcome.OK
    assert ("upgrade SQLite" in found.says) is fault


def test_the_table_is_plain_in_a_pipe_and_drawn_on_a_terminal(well: Machine) -> None:
    piped = well.call("doctor").stdout
    assert piped.splitlines()[0].split() == ["CHECK", "OUTCOME", "WHAT", "IT", "SAYS"]
    assert "\x1b" not in piped
    with well.terminal("doctor") as terminal:
        drawn = terminal.read()
    assert "\x1b[32m" in drawn
    assert "\u2502" in drawn
