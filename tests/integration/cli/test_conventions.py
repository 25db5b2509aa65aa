"""Behaviour shared by all commands: JSON, quiet, colours, wrong flags.

The table has a row for each command, and a command without one fails.
"""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.app import program
from tests.fork_server import PROGRAM
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Ended, Machine

COLOUR = re.compile("\x1b\\[[0-9;]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


@dataclass(frozen=True)
class Row:
    """How to call a command on the furnished desk so that it does what it is for.

    ``no_json``: why it has no ``--json``. ``says``: whether it talks on stderr when all is well.
    ``unread``: what it says where nobody reads its output, which is lost then.
    """

    arguments: tuple[str, ...] = ()
    no_json: str = ""
    says: bool = False
    unread: str = ""


CANNED = '[{"name": "bye", "text": "Good bye"}]'
TABLE = {
    "agent add": Row(("Lea",), says=True, unread="The token of Lea was made but not"),
    "agent disable": Row(("Sam",), says=True),
    "agent enable": Row(("Sam",), says=True),
    "agent list": Row(),
    "agent token": Row(("Sam",), says=True, unread="The token of Sam was made but not"),
    "backup": Row(("backup.db",), says=True),
    "canned add": Row(("bye", "Good bye"), says=True),
    "canned edit": Row(("hi", "Hello"), says=True),
    "canned export": Row(no_json="it writes nothing else"),
    "canned import": Row(("canned.json",), says=True),
    "canned list": Row(),
    "canned rm": Row(("hi",), says=True),
    "check": Row(says=True),
    "completion": Row(("bash",)),
    "config check": Row(says=True),
    "config init": Row(("-o", "new.toml"), says=True),
    "config show": Row(),
    "export": Row(no_json="--format says how", says=True),
    "hold": Row(("1", "--why", "tax"), says=True),
    "import": Row(("export.jsonl",), says=True),
    "init": Row(
        ("--public-url", "https://d.example", "--allowed-origins", "none", "--agent", "Lea"),
        says=True,
        unread="The token of Lea was made but not",
    ),
    "purge": Row(("1", "--yes"), says=True),
    "replay": Row(("1", "--plain"), no_json="only with --to, which test_replay.py tries"),
    "requests list": Row(),
    "requests show": Row(("1",)),
    "restore": Row(("old.backup",), says=True),
    "send": Row(("3", "Hello", "--as", "Sam"), says=True),
    "snippet": Row(says=True),
    "stats": Row(),
    "unhold": Row(("1",), says=True),
    "usage": Row(says=True),
    "version": Row(),
    "webhooks dead": Row(),
    "webhooks drop": Row(("--all",), says=True),
    "webhooks list": Row(),
    "webhooks retry": Row(("--all",), says=True),
    "webhooks secret": Row(),
}
ELSEWHERE = {
    "demo": "test_demo.py: it draws a screen",
    "doctor": "test_doctor.py: it needs a relay on its port",
    "healthcheck": "test_healthcheck.py: it needs a relay",
    "login": "test_sign_in.py: it needs a relay",
    "serve": "test_serve.py: it goes on until it is ended",
    "tui": "tests/integration/console: it draws a screen",
    "watch": "test_watch.py: it goes on until it is ended",
    "webhooks test": "test_webhooks.py: it needs somebody who listens",
}
WITHOUT_QUIET = {"demo", "serve", "tui"}


def commands() -> dict[str, set[str]]:
    """Return the flags of every command, by its name."""

    def found(command: object, name: str) -> Iterator[tuple[str, set[str]]]:
        for part, one in getattr(command, "commands", {}).items():
            yield from found(one, f"{name} {part}".strip())
        if not hasattr(command, "commands"):
            options = getattr(command, "params")  # noqa: B009 - Typer's own kind of it is not public
            yield name, {flag for option in options for flag in option.opts}

    return dict(found(program, ""))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a desk and what commands take in."""
    machine = Machine(tmp_path_factory.mktemp("furnished"))
    furnish(machine.database)
    (machine.home / "canned.json").write_text(CANNED)
    for arguments in (
        ("canned", "add", "hi", "Hi"),
        ("backup", "old.backup"),
        ("export", "-o", "export.jsonl"),
    ):
        assert machine.call(*arguments).code == 0
    return machine.home


@pytest.fixture
def machines(furnished: Path, tmp_path: Path) -> Iterator[Machine]:
    """Return fresh machines with that desk, one after the other."""

    def made() -> Iterator[Machine]:
        for number in range(4):
            home = tmp_path / f"{number}"
            shutil.copytree(furnished, home)
            yield Machine(home)

    return made()


def test_every_command_is_in_the_table_or_tried_elsewhere() -> None:
    assert commands().keys() == TABLE.keys() | ELSEWHERE.keys()
    assert not TABLE.keys() & ELSEWHERE.keys()
    for place in ELSEWHERE.values():
        name = place.partition(":")[0]
        assert (Path(__file__).parent / name).exists() or Path(name).exists()


def test_every_command_has_the_flags_that_all_have() -> None:
    without_json = {name for name, row in TABLE.items() if row.no_json} - {"replay"}
    for name, flags in commands().items():
        assert ("--quiet" in flags) is (name not in WITHOUT_QUIET), name
        assert ("--json" in flags) is (name not in without_json | WITHOUT_QUIET), name


@pytest.mark.parametrize("name", sorted(TABLE))
def test_json_silence_pipes_and_colour_are_as_they_should_be(
    name: str, machines: Iterator[Machine]
) -> None:
    row, words = TABLE[name], name.split()
    piped = next(machines).call(*words, *row.arguments)
    assert (piped.code, "\x1b" in piped.stdout + piped.stderr) == (0, False), piped
    assert bool(piped.stderr) is row.says
    assert all(line.startswith("helpdesk: ") for line in piped.stderr.splitlines())

    asked = [*words, *row.arguments, "--quiet", *([] if row.no_json else ["--json"])]
    told = next(machines).call(*asked)
    assert (told.code, told.stderr) == (0, "")
    assert row.no_json or json.loads(told.stdout) is not None
    unread = next(machines).call_unread(*asked)
    if row.unread:
        assert row.unread in unread.failed()
    else:
        assert unread == Ended(1, "", "")

    machine = next(machines)
    machine.variables = {"NO_COLOR": "1", "TERM": "xterm-256color"}
    shown = machine.call(*words, *row.arguments, screen=True)
    assert (shown.code, COLOUR.search(shown.stdout + shown.stderr)) == (0, None)


# `serve` replaces its process's stderr: tests/integration/relay/test_unread_log.py.
@pytest.mark.parametrize("name", sorted({*TABLE, *ELSEWHERE} - {"serve"}))
def test_a_flag_that_is_none_is_told_in_a_sentence(name: str, machine: Machine) -> None:
    assert "No such option: --nonsense" in machine.call(*name.split(), "--nonsense").failed(2)
    assert list(machine.home.iterdir()) == []


SLOW = """
import sys, time
sys.stdout.write("loading\\n")
sys.stdout.flush()
time.sleep(60)
"""


def test_ctrl_c_before_all_is_loaded_ends_it_without_a_word(machine: Machine) -> None:
    (machine.home / "typer.py").write_text(SLOW)
    with subprocess.Popen(
        [PROGRAM, "requests", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=machine.environment | {"PYTHONPATH": str(machine.home)},
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, said) == (-signal.SIGINT, "")
