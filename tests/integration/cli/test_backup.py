"""`helpdesk backup` and `helpdesk restore`, with a relay that runs and without."""

import json
import os
import sqlite3
import stat
from contextlib import closing

import pytest

from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine


def names(machine: Machine) -> list[str]:
    """Return the names of the agents."""
    return [line.split()[1] for line in machine.call("agent", "list").stdout.splitlines()[1:]]


def test_a_desk_is_backed_up_while_it_runs_and_restored_while_it_does_not(
    machine: Machine,
) -> None:
    machine.call("agent", "add", "Sam")
    with machine.relay():
        done = machine.run("backup", "desk.backup")
        assert (done.code, done.stdout) == (0, ""), done.stderr
        assert "is backed up" in done.stderr
        machine.call("agent", "add", "Kim")
        assert "in use by another relay" in machine.call("restore", "desk.backup").failed()
        assert names(machine) == ["Sam", "Kim"]
    assert stat.S_IMODE((machine.home / "desk.backup").stat().st_mode) == 0o600

    done = machine.call("restore", "desk.backup")
    assert (done.code, done.stdout) == (0, ""), done.stderr
    assert names(machine) == ["Sam"]
    (kept,) = machine.home.glob("desk.db.replaced-*")
    assert str(kept) in done.stderr
    with closing(sqlite3.connect(kept)) as file:
        assert file.execute("SELECT name FROM agent ORDER BY id").fetchall() == [("Sam",), ("Kim",)]
    assert machine.call("check").code == 0


def test_what_exists_is_replaced_only_with_force(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    target = machine.home / "desk.backup"
    target.write_text("precious")
    assert "--force" in machine.call("backup", str(target)).failed()
    assert target.read_text() == "precious"
    assert machine.call("backup", str(target), "--force").code == 0


def test_mistakes_are_told_in_a_sentence(machine: Machine) -> None:
    assert "no desk" in machine.call("backup", "desk.backup").failed()
    assert "no desk" in machine.call("restore", "desk.backup").failed()
    machine.call("agent", "add", "Sam")
    nowhere = machine.call("backup", "nowhere/desk.backup").failed()
    assert "No such file or directory: " in nowhere
    assert "nowhere/desk.backup; check" in nowhere
    for folder in (".", "/", str(machine.home)):
        assert "is a folder" in machine.call("restore", folder).failed()
        told = machine.call("check", "--database", folder)
        assert "is a folder; give a" in told.failed(2 if folder in {".", "/"} else 1)
    (machine.home / "letter").write_text("Dear diary")
    assert "no Helpdesk database" in machine.call("restore", "letter").failed()
    assert names(machine) == ["Sam"]


def test_what_was_done_is_json_for_programs(machine: Machine) -> None:
    machine.call("agent", "add", "Sam")
    saved = json.loads(machine.call("backup", "desk.backup", "--json").stdout)
    size = (machine.home / "desk.backup").stat().st_size
    assert saved == {"database": str(machine.database), "file": "desk.backup", "bytes": size}
    restored = json.loads(machine.call("restore", "desk.backup", "--json").stdout)
    (kept,) = machine.home.glob("desk.db.replaced-*")
    assert restored.pop("returned") == {"erasures": [], "requests": [], "unknown": False}
    assert restored == {"database": str(machine.database), "file": "desk.backup", "kept": str(kept)}
    kept.unlink()
    machine.database.unlink()
    assert json.loads(machine.call("restore", "desk.backup", "--json").stdout)["kept"] is None
    assert names(machine) == ["Sam"]


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_name_that_is_no_text_is_told(machine: Machine, command: str) -> None:
    assert "UTF-8" in machine.call(command, os.fsdecode(b"desk\xff")).failed(code=2)


def test_a_restore_tells_what_was_erased_since_and_how_to_erase_it_again(machine: Machine) -> None:
    furnish(machine.database)
    machine.call("backup", "desk.backup")
    assert machine.call("restore", "desk.backup").stderr.count("\n") == 1
    assert machine.call("purge", "1", "2", "--yes").code == 0
    done = machine.call("restore", "desk.backup")
    restored, entry, told, again = done.stderr.splitlines()
    assert "is restored from desk.backup" in restored
    assert entry.endswith(": purged, 2 requests.")
    assert "is there again, 2 requests, and the audit log lacks it" in told
    command = again.removeprefix("helpdesk: ").split()
    assert command == ["helpdesk", "purge", "1", "2"]
    assert machine.call(*command[1:], "--yes").stdout.startswith("purged 2 requests")
    machine.call("export", "-o", "export")
    returned = json.loads(machine.call("restore", "desk.backup", "--json").stdout)["returned"]
    assert returned["requests"] == [1, 2]
    assert [entry["requests"] for entry in returned["erasures"]] == [2]
    machine.call("export", "-o", "export")
    assert machine.call("purge", "2", "--yes").code == 0
    imported = json.loads(machine.call("import", "export", "--json").stdout)["returned"]
    assert imported["requests"] == [2]
    (machine.home / "other.db").unlink(missing_ok=True)
    machine.call("agent", "add", "Kim", "--database", "other.db")
    elsewhere = machine.call("restore", "desk.backup", "--database", "other.db")
    assert elsewhere.stderr.count("\n") == 1
