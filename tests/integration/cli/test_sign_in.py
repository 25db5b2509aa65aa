"""`helpdesk login` and `helpdesk tui`: signing in, the saved profile, and errors."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pexpect
import pytest

from tests.free_port import free_port
from tests.integration.cli.machine import Machine, Serving
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Return the machine that the relay runs on."""
    return Machine(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def relay(desk: Machine) -> Iterator[Serving]:
    with desk.serve() as serving:
        yield serving


@pytest.fixture(scope="module")
def token(desk: Machine, relay: Serving) -> str:
    return desk.call("agent", "add", "Sam").stdout.strip()


def profile_of(machine: Machine) -> Path:
    return machine.home / "config/helpdesk/profile.toml"


def test_what_was_answered_is_kept_for_its_owner_alone(
    machine: Machine, relay: Serving, token: str
) -> None:
    done = machine.call("login", said=f"{relay.url}\n{token}\n")
    assert (done.code, done.stdout) == (0, "")
    assert "as Sam" in done.stderr
    assert token not in done.stderr
    profile = profile_of(machine)
    assert profile.read_text() == f'url = "{relay.url}"\ntoken = "{token}"\n'
    assert stat.S_IMODE(profile.stat().st_mode) == 0o600
    assert [path.name for path in profile.parent.iterdir()] == ["profile.toml"]


def test_the_token_is_typed_unseen(machine: Machine, relay: Serving, token: str) -> None:
    terminal = machine.terminal("login")
    terminal.expect("address")
    terminal.sendline(relay.url)
    terminal.expect("token: ")
    terminal.waitnoecho(PATIENCE)
    terminal.sendline(token)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert token not in terminal.before
    assert profile_of(machine).exists()


@pytest.mark.parametrize("question", ["address", "token: "])
def test_ctrl_c_at_a_question_is_quiet(machine: Machine, question: str) -> None:
    arguments = () if question == "address" else ("--url", "http://127.0.0.1:1")
    terminal = machine.terminal("login", *arguments)
    terminal.expect(question)
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert "helpdesk:" not in terminal.before


def test_a_wrong_token_is_told_and_not_kept(machine: Machine, relay: Serving) -> None:
    done = machine.call("login", "--url", relay.url, "--token", "hda_wrong")
    assert "does not take this token" in done.failed()
    assert not profile_of(machine).exists()


def test_an_unreachable_relay_is_told(machine: Machine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert (
        f"No relay answers at {url}"
        in machine.call("login", "--url", url, "--token", "hda_x").failed()
    )


def test_what_is_no_relay_is_told(machine: Machine) -> None:
    wrong = ("login", "--url", "ftp://desk", "--token", "x")
    assert "it has to be" in machine.call(*wrong).failed(code=2)


def test_an_address_gets_the_scheme_that_it_lacks(
    machine: Machine, relay: Serving, token: str
) -> None:
    address = relay.url.removeprefix("http://")
    assert machine.call("login", said=f"{address}\n{token}\n").code == 0
    assert f'url = "{relay.url}"' in profile_of(machine).read_text()
    assert machine.call("login", "--url", address, "--token", token).code == 0
    assert (
        "No relay answers at https://desk.invalid"
        in machine.call("login", "--url", "desk.invalid", "--token", token).failed()
    )


def test_a_person_is_asked_again_after_a_wrong_address_or_token(
    machine: Machine, relay: Serving, token: str
) -> None:
    terminal = machine.terminal("login")
    for wrong, said in (
        ("ftp://desk", "has to be an http"),
        ("desk.invalid", "or write http:// before it if it has no TLS"),
    ):
        terminal.expect("The relay's address .*: ")
        terminal.sendline(wrong)
        terminal.expect(said)
    terminal.expect("The relay's address .*: ")
    terminal.sendline(relay.url)
    for typed, said in (("hda_wrong", "does not take this token"), (token, "signed in at")):
        terminal.expect("token: ")
        terminal.waitnoecho(PATIENCE)
        terminal.sendline(typed)
        terminal.expect(said)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_a_token_in_the_environment_is_taken_without_a_question(
    machine: Machine, relay: Serving, token: str
) -> None:
    machine.variables = {"HELPDESK_TOKEN": token}
    assert machine.call("login", said=f"{relay.url}\n").code == 0
    machine.variables |= {"HELPDESK_URL": relay.url}
    done = machine.call("login")
    assert done.code == 0
    assert "]: " not in done.stderr
    assert token in profile_of(machine).read_text()


@pytest.fixture
def signed_in(machine: Machine, relay: Serving, token: str) -> Machine:
    """Return a machine without a desk on which Sam, no admin, has signed in."""
    machine.variables = {"HELPDESK_DATABASE": ""}
    assert machine.call("login", "--url", relay.url, "--token", token).code == 0
    return machine


def test_commands_of_agents_work_on_the_desk_that_one_is_signed_in_to(
    signed_in: Machine, desk: Machine, relay: Serving
) -> None:
    desk.call("canned", "add", "hi", "Hello {customer}")
    assert "hi" in signed_in.call("canned", "list").stdout
    listed = signed_in.call("requests", "list", "--json", "--agent", "Sam")
    assert (listed.code, listed.stdout) == (0, "[]\n")
    assert signed_in.call("requests", "list", "--json", "is:mine").stdout == "[]\n"
    assert "no request #7" in signed_in.call("requests", "show", "7").failed()
    assert signed_in.call("stats").code == 0
    assert not (signed_in.home / "data").exists()


def test_what_the_role_forbids_is_told(signed_in: Machine, relay: Serving) -> None:
    for arguments in (("add", "bye", "Bye"), ("edit", "hi", "Ho"), ("rm", "hi")):
        assert "Only an admin may do that." in signed_in.call("canned", *arguments).failed()


def test_a_desk_on_this_machine_goes_before_the_one_signed_in_to(
    signed_in: Machine, relay: Serving
) -> None:
    signed_in.call("agent", "add", "Lea")
    signed_in.call("canned", "add", "mine", "Mine")
    assert signed_in.call("canned", "list", "--json").stdout == (
        '[{"name": "mine", "text": "Mine"}]\n'
    )
    elsewhere = signed_in.call("canned", "list", "--url", relay.url)
    assert elsewhere.code == 0
    assert "mine" not in elsewhere.stdout


def test_a_saved_token_goes_to_no_other_relay(signed_in: Machine) -> None:
    elsewhere = f"http://127.0.0.1:{free_port()}"
    assert "needs an admin's token" in signed_in.call("stats", "--url", elsewhere).failed()


def test_a_typed_answer_that_is_no_address_is_told_as_an_answer(machine: Machine) -> None:
    done = machine.call("login", said="ftp://desk\n")
    assert done.code == 1
    [_, sentence] = done.stderr.split("]: helpdesk: ")
    assert sentence.startswith("The relay's address has to be an http, https, ws or wss address")


def test_an_answer_that_is_missing_is_told(machine: Machine) -> None:
    done = machine.call("login", said="")
    assert done.code == 1
    assert done.stderr.splitlines()[-1].startswith("helpdesk: An answer is missing")


def test_the_console_opens_with_the_saved_profile(
    machine: Machine, relay: Serving, token: str
) -> None:
    machine.call("login", "--url", relay.url, "--token", token)
    terminal = machine.terminal("tui")
    terminal.expect("\x1b\\[\\?1049h")
    terminal.expect("Sam")
    terminal.send("\x11")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


@pytest.mark.parametrize("wrong", ["token", "nothing saved", "another relay's token"])
def test_the_console_does_not_take_the_screen_for_nothing(
    machine: Machine, relay: Serving, token: str, wrong: str
) -> None:
    elsewhere = f"http://127.0.0.1:{free_port()}"
    arguments, said = {
        "token": (("--url", relay.url, "--token", "hda_x"), "does not take this token"),
        "nothing saved": ((), "run `helpdesk login` first"),
        "another relay's token": (("--url", elsewhere), "There is no token for"),
    }[wrong]
    if wrong == "another relay's token":
        machine.call("login", "--url", relay.url, "--token", token)
    terminal = machine.terminal("tui", *arguments)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert said in terminal.before
    assert "\x1b" not in terminal.before
    assert terminal.exitstatus == 1


def test_the_console_starts_while_the_relay_is_away(machine: Machine, token: str) -> None:
    elsewhere = f"http://127.0.0.1:{free_port()}"
    terminal = machine.terminal("tui", "--url", elsewhere, "--token", token)
    terminal.expect("offline, ")
    terminal.send("\x11")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_the_console_waits_for_no_relay_that_says_nothing(machine: Machine, token: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(15)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        terminal = machine.terminal("tui", "--url", url, "--token", token)
        looking, _ = deaf.accept()
        with looking:
            looked_at = monotonic()
            while looking.recv(4096):
                pass
        assert monotonic() - looked_at < 9.0, "a handshake has ten seconds"
        terminal.expect("connecting")
        terminal.send("\x11")
        terminal.expect(pexpect.EOF)
        terminal.close()


def test_a_damaged_profile_is_told_and_replaced(
    machine: Machine, relay: Serving, token: str
) -> None:
    profile = profile_of(machine)
    profile.parent.mkdir(parents=True)
    profile.write_text("[broken\n")
    terminal = machine.terminal("tui")
    terminal.expect("profile.toml is damaged; run `helpdesk login` again.")
    terminal.expect(pexpect.EOF)
    assert machine.call("login", "--url", relay.url, "--token", token).code == 0
    assert token in profile.read_text()
