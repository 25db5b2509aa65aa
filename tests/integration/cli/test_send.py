"""`helpdesk send`: an agent's text, from a script."""

import json
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine
from tests.reliability.proxy import between


@pytest.fixture(params=["while the relay runs", "while none runs"])
def desk(request: pytest.FixtureRequest, machine: Machine) -> Iterator[Machine]:
    """Yield a machine with a desk, served and not."""
    furnish(machine.database)
    with machine.relay() if request.param == "while the relay runs" else nullcontext():
        yield machine


@pytest.fixture
def idle(machine: Machine) -> Machine:
    furnish(machine.database)
    return machine


def last(machine: Machine, number: int) -> tuple[str, str, str]:
    """Return role and name of who wrote last in a request, and what."""
    shown = machine.call("requests", "show", str(number), "--json").stdout
    message = json.loads(shown)["messages"][-1]
    return message["by"]["role"], message["by"]["name"], message["text"]


def test_an_answer_is_the_agents_and_claims_the_request(desk: Machine) -> None:
    done = desk.call("send", "#3", "We look into it.", "--as", "Sam")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.startswith("helpdesk: #3 has it as message ")
    assert last(desk, 3) == ("agent", "Sam", "We look into it.")
    told = json.loads(desk.call("requests", "list", "--json", "--agent", "Sam").stdout)
    assert 3 in [request["id"] for request in told]


def test_the_text_may_come_from_stdin(idle: Machine) -> None:
    done = idle.call("send", "3", "-", "--as", "2", "--json", said="Zeile eins\nzwei 😀\n")
    assert (done.code, done.stderr) == (0, "")
    assert json.loads(done.stdout).keys() == {"request", "seq", "at"}
    assert last(idle, 3) == ("agent", "Kim", "Zeile eins\nzwei 😀")
    assert idle.call("send", "3", "more", "--as", "Kim", "--quiet").stderr == ""


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "Nothing came on stdin"),
        (" \n", "Nothing came on stdin"),
        ("a" * 4_001, "`text` has 4001 characters; the limit is 4000"),
        ("a" * 500_000, "longer than the relay takes"),
        ("a" * 5_000_000, "longer than any relay takes"),
        ("a\udcff", "has to be text in UTF-8"),
    ],
)
def test_what_stdin_gives_is_refused_in_a_sentence(idle: Machine, said: str, sentence: str) -> None:
    assert sentence in idle.call("send", "3", "-", "--as", "2", said=said).failed()
    assert sentence in idle.call("canned", "add", "x", "-", said=said).failed()


def test_an_id_of_many_digits_is_nobodys(idle: Machine) -> None:
    assert "no such agent" in idle.call("send", "3", "Hi", "--as", "9" * 5_000).failed()


def test_who_has_signed_in_needs_no_name(idle: Machine) -> None:
    token = idle.call("agent", "token", "Kim").stdout.strip()
    with idle.relay() as relay:
        assert idle.call("login", "--url", relay.url, "--token", token).code == 0
        assert idle.call("send", "3", "Hello from afar").code == 0
        assert last(idle, 3) == ("agent", "Kim", "Hello from afar")


@pytest.mark.parametrize("lost", ['"type":"welcome"', '"type":"sent"'])
def test_a_text_whose_connection_breaks_is_sent_again_and_stored_once(
    idle: Machine, lost: str
) -> None:
    token = idle.call("agent", "token", "Kim").stdout.strip()
    with idle.relay() as relay, between(relay.port, lost.encode()) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        done = idle.call("send", "3", "Only once", "--url", url, "--token", token)
        assert (done.code, done.stdout) == (0, "")
        assert "Trying again" in done.stderr
        shown = json.loads(idle.call("requests", "show", "3", "--json").stdout)
    texts = [message["text"] for message in shown["messages"]]
    assert texts.count("Only once") == 1


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("9", "x", "--as", "Sam"), "no request", 1),
        (("1", "x", "--as", "Sam"), "closed", 1),
        (("3", " ", "--as", "Sam"), "is empty", 1),
        (("3", "x" * 70_000, "--as", "Sam"), "longer than the relay takes; shorten it", 1),
        (("3", "x" * 4001, "--as", "Sam"), "the limit is 4000", 1),
        (("3", "x", "--as", "Bo"), "no such agent", 1),
        (("3", "x"), "helpdesk login", 1),
        (("nine", "x", "--as", "Sam"), "no request's number", 2),
        (("3", "x\udcff", "--as", "Sam"), "TEXT has to be text in UTF-8", 2),
        (("3", "x", "--database", "desk.db"), "with --as", 2),
    ],
)
def test_mistakes_are_told_and_send_nothing(
    idle: Machine, arguments: tuple[str, ...], said: str, code: int
) -> None:
    before = last(idle, 3)
    assert said in idle.call("send", *arguments).failed(code)
    assert last(idle, 3) == before


def test_looking_for_a_desk_makes_none(machine: Machine) -> None:
    assert "There is no desk" in machine.call("send", "1", "x", "--as", "Sam").failed()
    assert not machine.database.exists()
