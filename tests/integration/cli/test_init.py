"""`helpdesk init`: the settings file, the first agent and the line for the pages, or nothing."""

import json
import stat
import tomllib

import pexpect
import pytest

from tests.integration.cli.machine import Machine

FLAGS = (
    *("--public-url", "https://help.example.org"),
    *("--allowed-origins", "https://shop.example.org,https://www.example.org"),
    *("--agent", "Kim"),
)
TAG = '<script async src="https://help.example.org/widget.js" data-site="default"></script>'


def settings_of(machine: Machine, name: str = "helpdesk.toml") -> dict[str, object]:
    return tomllib.loads((machine.home / name).read_text())


def test_it_makes_the_file_the_agent_and_the_line(machine: Machine) -> None:
    done = machine.call("init", *FLAGS)
    assert done.code == 0
    token, tag = done.stdout.splitlines()
    assert token.startswith("hda_")
    assert tag == TAG
    assert str(machine.database) in done.stderr
    assert settings_of(machine) == {
        "public_url": "https://help.example.org",
        "allowed_origins": ["https://shop.example.org", "https://www.example.org"],
    }
    mode = (machine.home / "helpdesk.toml").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    [agent] = json.loads(machine.call("agent", "list", "--json").stdout)
    assert (agent["name"], agent["role"]) == ("Kim", "admin")


def test_the_relay_then_runs_with_that_file_and_the_agent_may_sign_in(machine: Machine) -> None:
    made = json.loads(machine.call("init", *FLAGS, "--json").stdout)
    assert (made["name"], made["snippet"]) == ("Kim", TAG)
    with machine.serve() as relay:
        assert machine.call("login", "--url", relay.url, "--token", made["token"]).code == 0
        assert machine.call("snippet").stdout.strip() == TAG


def test_a_database_that_is_named_is_in_the_file(machine: Machine) -> None:
    machine.variables = {"HELPDESK_DATABASE": ""}
    done = machine.call("init", *FLAGS, "--database", "here.db")
    assert done.code == 0
    assert settings_of(machine)["database"] == str(machine.home / "here.db")
    assert (machine.home / "here.db").exists()


def test_a_file_that_is_there_stays_and_nothing_is_made(machine: Machine) -> None:
    (machine.home / "helpdesk.toml").write_text("# mine\n")
    assert "is there already, and stays as it is" in machine.call("init", *FLAGS).failed()
    assert (machine.home / "helpdesk.toml").read_text() == "# mine\n"
    assert not machine.database.exists()
    (machine.home / "link.toml").symlink_to(machine.home / "nowhere")
    assert "is there already" in machine.call("init", *FLAGS, "-o", "link.toml").failed()


def test_without_the_agent_there_is_no_file_either(machine: Machine) -> None:
    machine.call("agent", "add", "Kim")
    assert "choose another name" in machine.call("init", *FLAGS).failed()
    assert not (machine.home / "helpdesk.toml").exists()


@pytest.mark.parametrize(
    ("flag", "wrong", "said"),
    [
        ("--public-url", "ftp://x", "--public-url: it has to be an address such as"),
        ("--allowed-origins", "https://a.example/page", "--allowed-origins: 'https://a.example/"),
        ("--agent", "bad\udcff", "--agent has to be text in UTF-8."),
    ],
)
def test_a_wrong_flag_is_told_and_nothing_is_made(
    machine: Machine, flag: str, wrong: str, said: str
) -> None:
    assert said in machine.call("init", *FLAGS, flag, wrong).failed(code=2)
    assert list(machine.home.iterdir()) == []


def test_what_no_flag_says_is_asked_and_asked_again(machine: Machine) -> None:
    machine.variables = {"USER": "kim"}
    terminal = machine.terminal("init")
    terminal.expect("address for browsers .http://127.0.0.1:8765.: ")
    terminal.sendline("ftp://x")
    terminal.expect("It has to be an address such as")
    terminal.expect("address for browsers")
    terminal.sendline("help.example.org")
    terminal.expect("Origins of the pages")
    terminal.sendline("shop.example.org, http://localhost:3000")
    terminal.expect("Your name")
    terminal.sendline("Kim")
    terminal.expect("hda_")
    terminal.expect_exact(TAG)
    terminal.expect("helpdesk serve")
    terminal.expect(pexpect.EOF)
    assert settings_of(machine) == {
        "public_url": "https://help.example.org",
        "allowed_origins": ["https://shop.example.org", "http://localhost:3000"],
    }


def test_an_answer_that_is_missing_is_told_and_nothing_is_made(machine: Machine) -> None:
    done = machine.call("init", said="help.example.org\n")
    assert done.code == 1
    assert "An answer is missing" in done.stderr
    assert list(machine.home.iterdir()) == []


def test_the_usual_answers_make_a_desk_on_this_machine(machine: Machine) -> None:
    done = machine.call("init", said="\n\n\n")
    assert done.code == 0
    assert settings_of(machine) == {}
    assert 'src="http://127.0.0.1:8765/widget.js"' in done.stdout
