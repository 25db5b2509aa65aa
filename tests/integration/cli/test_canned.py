"""`helpdesk canned`: what all agents can pick, one by one or from a file, all of it or nothing."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.integration.cli.machine import Machine
from tests.reliability.proxy import between

GREETING = "Hello {customer}, this is {agent}. Grüße 😀"


@pytest.fixture(params=["while the relay runs", "while none runs"])
def desk(request: pytest.FixtureRequest, machine: Machine) -> Iterator[Machine]:
    """Yield a machine with a desk, served and not."""
    with machine.relay() if request.param == "while the relay runs" else nullcontext():
        yield machine


def known(machine: Machine) -> dict[str, str]:
    done = machine.call("canned", "list", "--json")
    assert (done.code, done.stderr) == (0, "")
    return {one["name"]: one["text"] for one in json.loads(done.stdout)}


def test_a_response_is_added_changed_listed_and_removed(desk: Machine) -> None:
    assert "bye is there" in desk.call("canned", "add", "bye", "Good bye").stderr
    assert desk.call("canned", "add", "hello", "-", "--quiet", said=GREETING).stderr == ""
    assert known(desk) == {"bye": "Good bye", "hello": GREETING}
    assert desk.call("canned", "edit", "bye", "So long").code == 0
    assert desk.call("canned", "list").stdout.splitlines() == [
        "NAME   TEXT",
        "bye    So long",
        f"hello  {GREETING}",
    ]
    assert desk.call("canned", "rm", "hello").code == 0
    assert known(desk) == {"bye": "So long"}


def test_an_export_is_what_an_import_takes(machine: Machine) -> None:
    machine.call("canned", "add", "hello", GREETING)
    machine.call("canned", "add", "bye", "Good\nbye")
    assert machine.call("canned", "export", "-o", "canned.json").stdout == ""
    machine.call("canned", "rm", "hello")
    machine.call("canned", "edit", "bye", "other")
    machine.call("canned", "add", "third", "stays")
    done = machine.call("canned", "import", "canned.json")
    assert done.stderr == "helpdesk: 2 canned responses were taken from canned.json.\n"
    assert known(machine) == {"hello": GREETING, "bye": "Good\nbye", "third": "stays"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nonsense", "is no list of canned responses"),
        ('{"name": "a"}', "is no list of canned responses"),
        ('[{"name": "a", "text": "b"}, {"name": "c"}]', "is no list of canned responses"),
        ('[{"name": "a", "text": "b"}, {"name": "", "text": "c"}]', "Response 2 in the file"),
        ('[{"name": "a", "text": "b"}, {"name": "c", "text": " "}]', "Response 2 in the file"),
        ('[{"name": "a", "text": "b"}, {"name": "a ", "text": "c"}]', "another a before it"),
        (json.dumps([{"name": str(n), "text": "x" * 4000} for n in range(90)]), "256 KiB"),
    ],
)
def test_a_wrong_file_changes_nothing(machine: Machine, content: str, said: str) -> None:
    machine.call("canned", "add", "a", "as it was")
    (machine.home / "in.json").write_text(content)
    assert said in machine.call("canned", "import", "in.json").failed()
    assert known(machine) == {"a": "as it was"}


def test_an_import_whose_connection_breaks_is_made_again_as_a_whole(machine: Machine) -> None:
    token = machine.call("agent", "add", "Root", "--role", "admin").stdout.strip()
    wanted = {f"name {number}": "text" for number in range(20)}
    listed = [{"name": name, "text": text} for name, text in wanted.items()]
    (machine.home / "in.json").write_text(json.dumps(listed))
    with machine.relay() as relay, between(relay.port, b'"ok"') as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        done = machine.call("canned", "import", "in.json", "--url", url, "--token", token)
        assert done.code == 0, done
        assert "Trying again" in done.stderr
        assert known(machine) == dict(sorted(wanted.items()))


def test_mistakes_are_told_in_a_sentence(machine: Machine) -> None:
    assert "There is no desk" in machine.call("canned", "rm", "a").failed()
    machine.call("canned", "add", "a", "text")
    assert "canned edit" in machine.call("canned", "add", "a", "other").failed()
    assert "There is no response b" in machine.call("canned", "edit", "b", "x").failed()
    assert "There is no response b" in machine.call("canned", "rm", "b").failed()
    assert "is empty" in machine.call("canned", "add", "c", " ").failed()
    assert "No such file" in machine.call("canned", "import", "missing.json").failed()
    assert known(machine) == {"a": "text"}


def test_a_terminal_is_sent_nothing_that_it_would_obey(machine: Machine) -> None:
    evil = "a\x9b2J\N{RIGHT-TO-LEFT OVERRIDE}\tb"
    (machine.home / "in.json").write_text(json.dumps([{"name": "evil", "text": evil}]))
    assert machine.call("canned", "import", "in.json").code == 0
    for arguments in (("list",), ("list", "--json"), ("export",)):
        shown = machine.call("canned", *arguments).stdout
        assert "evil" in shown
        assert all(char == "\n" or char.isprintable() for char in shown)


def test_the_database_is_never_written_over(machine: Machine) -> None:
    machine.call("canned", "add", "a", "text")
    before = Path(machine.database).read_bytes()
    done = machine.call("canned", "export", "-o", str(machine.database))
    assert "is the desk's database" in done.failed()
    assert Path(machine.database).read_bytes() == before
