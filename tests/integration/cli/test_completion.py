"""A real bash completes what the program knows."""

import shlex
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pytest

from cli.app import program
from cli.completion_values import FILES, VALUES, completions
from cli.docs_pages import commands
from tests.fork_server import PROGRAM
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Ended, Machine
from tests.patience import PATIENCE

SCRIPT = """
source <("$1" completion bash)
compopt() { FILES=files; }
while IFS=/ read -ra COMP_WORDS; do
    FILES= COMPREPLY=() COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    _helpdesk_completion "$1"
    (IFS=,; echo "${COMPREPLY[*]}$FILES")
done
"""
IN_BASH = {
    "helpdesk/canned/ex": "export",
    "helpdesk/agent/disable/K": "Kim\\ Lee",
    "helpdesk/agent/add/K": "",
    "helpdesk/import/de": "files",
}
KNOWN = {
    "requests list --stat": ["--status"],
    "requests list --status ''": ["waiting", "active", "closed"],
    "requests list --status x": [],
    "requests list --agent K": [r"Kim\ Lee"],
    "export --tag b": ["billing"],
    "export --format ''": ["jsonl", "csv", "md", "html", "txt"],
    "stats --by h": ["hour"],
    "stats --tz Europe/Berl": ["Europe/Berlin"],
    "agent disable ''": ["Sam", r"Kim\ Lee"],
    "agent add ''": [],
    "requests list ''": [],
    "requests show ''": ["1", "2", "3"],
    "webhooks dead --webhook ''": ["chat"],
    "webhooks test c": ["chat"],
    "watch --site ''": ["default"],
    "export --output ''": ["<file>"],
    "stats --database d": ["<file>"],
}


@pytest.fixture
def desk(machine: Machine) -> Machine:
    """Return a machine with a desk, an agent whose name has a space, and a webhook."""
    furnish(machine.database)
    with closing(sqlite3.connect(machine.database)) as file, file:
        file.execute("UPDATE agent SET name = 'Kim Lee' WHERE id = 2")
    secret = machine.call("webhooks", "secret").stdout.strip()
    (machine.home / "helpdesk.toml").write_text(
        f'[webhooks.chat]\nurl = "http://127.0.0.1:1"\nsecrets = ["{secret}"]\n'
    )
    return machine


def test_a_real_bash_is_given_values_and_files_only_where_one_belongs(desk: Machine) -> None:
    done = subprocess.run(
        ["bash", "-c", SCRIPT, "bash", PROGRAM],
        input="\n".join(IN_BASH) + "\n",
        capture_output=True,
        text=True,
        cwd=desk.home,
        env=desk.environment,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stderr == ""
    assert dict(zip(IN_BASH, done.stdout.splitlines(), strict=True)) == IN_BASH


def test_the_values_are_those_of_the_desk(desk: Machine) -> None:
    found = {}
    for typed in KNOWN:
        words = f"helpdesk {typed}"
        place = str(len(shlex.split(words)) - 1)
        asked = {"_HELPDESK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": place}
        desk.variables = asked
        found[typed] = desk.call().stdout.splitlines()
    assert {typed: [one for one in values if one] for typed, values in found.items()} == KNOWN


@pytest.mark.parametrize(
    ("typed", "zsh", "fish", "code"),
    [
        ("requests list --status w", """_arguments '*: :(("waiting"))'""", "waiting", 0),
        ("requests list --status x", "", "", 0),
        ("stats --tz Europe/Berl", """_arguments '*: :(("Europe/Berlin"))'""", "Europe/Berlin", 0),
        ("import de", "_files", "", 1),
        ("agent add de", "", "", 0),
    ],
)
def test_other_shells_are_answered_as_they_ask(
    machine: Machine, typed: str, zsh: str, fish: str, code: int
) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": f"helpdesk {typed}"}
    machine.variables = {**asked, "_HELPDESK_COMPLETE": "complete_zsh"}
    assert machine.call() == Ended(0, f"{zsh}\n", "")
    machine.variables = {**asked, "_HELPDESK_COMPLETE": "complete_fish"}
    assert machine.call() == Ended(0, f"{fish}\n", "")
    machine.variables["_TYPER_COMPLETE_FISH_ACTION"] = "is-args"
    assert machine.call() == Ended(code, "", "")


def test_what_the_relay_elsewhere_has_is_completed_too(machine: Machine) -> None:
    furnish(machine.database)
    token = machine.call("agent", "token", "Kim").stdout.strip()
    with machine.serve() as relay:
        given = {"url": relay.url, "token": token}
        assert completions("requests list", "agent", given) == ["Sam", "Kim"]
        assert completions("stats", "tag", given) == ["billing"]
    assert completions("stats", "tag", {"url": relay.url, "token": token}) == []


FREE = {
    "agent_origins", "allowed_origins", "auto_close_after", "away_message", "begin", "color",
    "customer", "delivery", "desk_name", "form", "greeting", "host", "index_url", "label",
    "name", "older_than", "port", "public_url", "retention_days", "search", "since", "text",
    "to", "token", "trusted_proxies", "until", "url", "what_if", "why", "query", "fallback",
}  # fmt: skip


def test_each_parameter_has_values_is_a_file_or_is_free() -> None:
    left = set()
    for path in commands():
        command: Any = program
        for word in path:
            command = command.commands[word]
        for one in command.params:
            group = f"{path[0]} {one.name}" if path else ""
            typed = one.metavar not in {*FILES, "N"} and not one.type_descriptor.is_choice
            if typed and not getattr(one, "is_flag", False) and group not in VALUES:
                left.add(one.name)
    assert left - {*VALUES} == FREE


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_in_their_own_words(machine: Machine, shell: str) -> None:
    assert f"complete_{shell}" in machine.call("completion", shell).stdout
    assert "'tcsh' is not one of" in machine.call("completion", "tcsh").failed(2)
