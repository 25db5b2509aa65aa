"""A real bash completes what the program knows."""

import subprocess

import pytest

from tests.integration.cli.machine import PROGRAM, Machine

ASK = """
source /dev/stdin
COMP_WORDS=({typed}) COMP_CWORD={place}
_helpdesk_completion "$1"
echo "${{COMPREPLY[*]}}"
"""


@pytest.mark.parametrize(
    ("typed", "place", "known"),
    [("helpdesk pur", 1, "purge"), ("helpdesk canned ex", 2, "export")],
)
def test_bash_completes_commands(machine: Machine, typed: str, place: int, known: str) -> None:
    script = machine.call("completion", "bash")
    assert (script.code, script.stderr) == (0, "")
    done = subprocess.run(
        ["bash", "-c", ASK.format(typed=typed, place=place), "bash", PROGRAM],
        input=script.stdout,
        capture_output=True,
        text=True,
        env=machine.environment,
        timeout=60,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == ([known], "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_in_their_own_words(machine: Machine, shell: str) -> None:
    assert f"complete_{shell}" in machine.call("completion", shell).stdout
    assert "'tcsh' is not one of" in machine.call("completion", "tcsh").failed(2)
