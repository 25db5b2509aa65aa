"""The command with a standard stream closed: what it has to write there, it says, is lost."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from tests.fork_server import PROGRAM
from tests.free_port import free_port
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Ended, Machine
from tests.patience import PATIENCE


def run_without(machine: Machine, closing: str, *arguments: str) -> Ended:
    """Run `helpdesk` from a shell that closes a stream with *closing*, such as ``>&-``."""
    return machine.run_in_shell(f'exec "$@" {closing}', *arguments)


def test_no_command_says_that_it_wrote_to_a_stdout_that_is_closed(machine: Machine) -> None:
    furnish(machine.database)
    for words in ("--version", "requests --help", "export", "requests list"):
        said = run_without(machine, ">&-", *words.split()).failed()
        assert "stdout is closed" in said, words


def test_no_token_is_made_that_nobody_would_see(machine: Machine) -> None:
    token = machine.call("agent", "add", "Sam").stdout.strip()
    for words in ("agent add Kim", "agent token Sam"):
        assert "stdout is closed" in run_without(machine, ">&-", *words.split()).failed()
    assert [one["name"] for one in json.loads(machine.call("agent", "list", "--json").stdout)] == [
        "Sam"
    ]
    with machine.relay() as relay:
        assert machine.call("login", "--url", relay.url, "--token", token).code == 0


@pytest.mark.parametrize("json", ["", " --json"])
def test_a_token_that_could_not_be_written_can_be_made_again(machine: Machine, json: str) -> None:
    machine.variables["PYTHONUNBUFFERED"] = ""  # else the full disk is noticed before
    said = run_without(machine, ">/dev/full", *f"agent add Sam{json}".split())
    assert said.code == 1
    assert said.stderr.splitlines()[-1] == (
        "helpdesk: The token of Sam was made but not written (No space left on device); "
        "make another with `helpdesk agent token 1`."
    )
    assert machine.call("agent", "token", "1").stdout.startswith("hda_")


def test_a_command_that_writes_nothing_needs_no_stdout(machine: Machine) -> None:
    furnish(machine.database)
    assert run_without(machine, ">&-", "export", "-o", "desk.jsonl", "--quiet") == Ended(0, "", "")
    assert (machine.home / "desk.jsonl").read_bytes().startswith(b'{"type":"export"')


def test_the_console_without_keys_needs_a_terminal(machine: Machine) -> None:
    assert "needs a terminal" in run_without(machine, "<&-", "tui").failed()


def test_a_question_that_nobody_can_answer_is_an_answer_that_is_missing(machine: Machine) -> None:
    done = run_without(machine, "<&-", "login", "--url", "http://127.0.0.1:1")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("helpdesk: An answer is missing; type it")


def test_what_goes_wrong_without_a_place_to_say_it_keeps_its_code(machine: Machine) -> None:
    assert run_without(machine, "2>&-", "serve", "--port", "many") == Ended(2, "", "")


@pytest.mark.parametrize("closing", ["2>&-", "<&- >&- 2>&-"])
def test_the_relay_runs_without_a_place_to_talk(machine: Machine, closing: str) -> None:
    port = free_port()
    command = [PROGRAM, "serve", "--port", str(port)]
    with subprocess.Popen(
        ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *command],
        cwd=machine.home,
        env=machine.environment,
    ) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz", process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until the relay answers: it has no stream to say on that it is ready."""
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, f"ended with {process.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_stdin_gives_and_is_no_text_is_refused(machine: Machine) -> None:
    assert machine.call("canned", "add", "other", "text").code == 0
    done = subprocess.run(
        [PROGRAM, "canned", "add", "greeting", "-"],
        input=b"Gr\xfc\xdfe",
        capture_output=True,
        cwd=machine.home,
        env=machine.environment,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b"helpdesk: What stdin gives has to be text in UTF-8.\n"
    assert "greeting" not in machine.call("canned", "list", "--json").stdout
