"""Unexpected errors: one sentence, and the location on demand."""

import errno

import pytest

from cli.app import exit_code
from tests.integration.cli.machine import Machine
from tests.reliability.proxy import between

TOKEN = "hda_Zq7-Zq7_Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq"


def fail(error: BaseException) -> int:
    """Return the code of a command that raises *error*."""

    def operation() -> None:
        raise error

    return exit_code(operation)


def test_a_mistake_in_the_program_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail(KeyError("what Ada wrote")) == 1
    said = capsys.readouterr().err
    assert said.startswith("helpdesk: This is a mistake in the program (KeyError); please report")
    assert "Ada" not in said


@pytest.mark.parametrize(
    "typed",
    [
        ("login", TOKEN),
        ("agent", "disable", TOKEN),
        ("login", "--url", f"http://desk.example/{TOKEN}"),
        ("tui", "--url", f"http://{TOKEN}@desk.example"),
        ("doctor", "--config", f"/nowhere/{TOKEN}"),
        (TOKEN,),
        (f"--{TOKEN}",),
    ],
)
def test_a_token_in_the_wrong_place_is_not_repeated(
    machine: Machine, typed: tuple[str, ...]
) -> None:
    done = machine.call(*typed, said=f"{TOKEN}\n")
    assert done.code in {1, 2}
    assert TOKEN not in done.stdout + done.stderr
    assert TOKEN.split("_", 1)[1][:5] not in done.stderr


def test_its_place_shows_when_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_LOG_LEVEL", "debug")
    with pytest.raises(KeyError):
        fail(KeyError("x"))


def test_a_file_that_cannot_be_had_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail(PermissionError(13, "Permission denied", "/etc/x")) == 1
    assert "Permission denied: /etc/x; check" in capsys.readouterr().err


def test_a_full_disk_is_told_with_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail(OSError(errno.ENOSPC, "No space left on device")) == 1
    said = capsys.readouterr().err
    assert said == "helpdesk: No space left on device; make room, or write elsewhere.\n"


def test_a_filter_that_is_no_text_is_refused(machine: Machine) -> None:
    done = machine.call("requests", "list", "--tag", "\udcff")
    assert "--tag has to be text in UTF-8" in done.failed(2)


@pytest.mark.parametrize(
    ("words", "lost", "remedy"),
    [
        (
            "agent add Kim",
            "agent_added",
            ", maybe after it did what was asked; look, and try again.",
        ),
        ("requests list", "listed", "; try again."),
    ],
)
def test_a_connection_that_is_lost_is_told_with_what_to_do(
    machine: Machine, words: str, lost: str, remedy: str
) -> None:
    token = machine.call("agent", "add", "Root", "--role", "admin").stdout.strip()
    cuts = f'"type":"{lost}"'.encode()
    with machine.relay() as relay, between(relay.port, cuts=cuts) as proxy:
        there = ("--url", f"http://127.0.0.1:{proxy.port}", "--token", token)
        said = machine.call(*words.split(), *there).failed()
    assert said == f"helpdesk: The relay ended the connection (1006){remedy}"
