"""The command without a relay: exit codes, streams, one sentence per error."""

import re
import subprocess

import pytest

from tests.fork_server import PROGRAM
from tests.integration.cli.machine import Machine
from tests.patience import PATIENCE


def test_the_version_is_data(machine: Machine) -> None:
    done = machine.run("--version")
    assert (done.code, done.stderr) == (0, "")
    assert re.fullmatch(r"helpdesk \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("servee",), "No such command 'servee'. Did you mean 'serve'?; see `helpdesk --help`."),
        (("agent", "add"), "see `helpdesk agent add --help`."),
        (("doctor", "--prot", "1"), "No such option: --prot"),
        (("agent", "add", "Sam", "--role", "king"), "'--role': 'king' is not one of"),
        (("agent", "add", "bad\udcffname"), "A name has to be text in UTF-8."),
        (("agent", "token", "bad\udcff"), "A name has to be text in UTF-8."),
        (("snippet", "--site", "bad\udcff"), "A name has to be text in UTF-8."),
        (("agent", "add", ""), "A name has 1 to 100 characters; give another."),
        (("agent", "add", "x" * 101), "A name has 1 to 100 characters; give another."),
        (
            ("doctor", "--database", "~nosuchuser/x.db"),
            "--database: the home folder ~nosuchuser",
        ),
        (("doctor", "--config", "~nosuchuser/x.toml"), "--config: the home folder ~nosuchuser is"),
        (("doctor", "--host", "ü..x"), "--host: it has to be a host's name or address"),
        (("doctor", "--port", "many"), "--port: it has to be a whole number from 0 to 65535."),
        (("snippet", "--label", "bad\udcff"), "What the widget shows has to be text in UTF-8."),
        (("snippet", "--theme", "blue"), "'--theme': 'blue' is not one of"),
        (("snippet", "--allowed-origins", "*"), "--allowed-origins: '*' is no origin; write"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    machine: Machine, arguments: tuple[str, ...], said: str
) -> None:
    assert said in machine.call(*arguments).failed(code=2)


@pytest.mark.parametrize("group", [(), ("agent",), ("canned",)])
def test_a_command_of_commands_alone_prints_its_help(
    machine: Machine, group: tuple[str, ...]
) -> None:
    alone, asked = machine.call(*group), machine.call(*group, "--help")
    assert (alone.code, alone.stderr) == (0, "")
    assert alone.stdout == asked.stdout


def test_a_wrong_setting_is_a_failure_and_named(machine: Machine) -> None:
    machine.variables = {"HELPDESK_PORT": "many"}
    assert "HELPDESK_PORT: it has to be a whole number" in machine.call("snippet").failed()


def test_a_file_of_settings_in_the_home_of_nobody_is_told(machine: Machine) -> None:
    machine.variables = {"HELPDESK_CONFIG": "~nosuchuser/x.toml"}
    assert machine.call("snippet").failed() == (
        "helpdesk: HELPDESK_CONFIG: the home folder ~nosuchuser is not known; "
        "give the path in full."
    )


@pytest.mark.parametrize("command", ["demo", "tui"])
def test_the_console_needs_a_terminal(machine: Machine, command: str) -> None:
    assert "needs a terminal" in machine.run(command).failed()


def test_the_snippet_is_all_that_stands_on_stdout(machine: Machine) -> None:
    (machine.home / "helpdesk.toml").write_text(
        "public_url = 'https://desk.example/'\n[sites.shop]\norigins = ['https://shop.example']\n"
    )
    done = machine.call("snippet", "--site", "shop")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout == (
        '<script async src="https://desk.example/widget.js" data-site="shop"></script>\n'
    )


def test_the_snippet_carries_what_the_site_wants_fit_for_a_page(machine: Machine) -> None:
    wanted = ("--label", 'Ask "us" & them', "--theme", "dark", "--position", "left")
    more = ("--lang", "de", "--color", "#0b6b4f", "--form", "name email*", "--greeting", "Hi")
    assert machine.call("snippet", *wanted, *more).stdout.partition(" data-site")[2] == (
        '="default" data-label="Ask &quot;us&quot; &amp; them" data-greeting="Hi" data-lang="de" '
        'data-color="#0b6b4f" data-form="name email*" data-position="left" data-theme="dark">'
        "</script>\n"
    )


def test_the_snippet_of_a_bare_relay_says_what_is_still_to_be_set(machine: Machine) -> None:
    done = machine.call("snippet", "--host", "::1", "--port", "80")
    assert 'src="http://[::1]:80/widget.js" data-site="default"' in done.stdout
    assert "set public_url" in done.stderr
    assert "list their origins" in done.stderr


def test_the_snippet_of_a_port_that_is_not_known_yet_is_refused(machine: Machine) -> None:
    machine.variables = {"HELPDESK_PORT": "0"}
    assert "not known before the relay runs" in machine.call("snippet").failed()
    assert machine.call("snippet", "--public-url", "https://desk.example").code == 0


def test_the_snippet_of_no_site_is_refused(machine: Machine) -> None:
    assert (
        "no site shop; the settings have default."
        in machine.call("snippet", "--site", "shop").failed()
    )


def test_nobody_reading_is_no_mistake_to_tell_of(machine: Machine) -> None:
    with subprocess.Popen(
        [PROGRAM, "snippet", "--public-url", "https://a", "--allowed-origins", "https://a"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=machine.home,
        env=machine.environment,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(PATIENCE)) == (b"", 1)
