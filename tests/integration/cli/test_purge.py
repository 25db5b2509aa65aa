"""`helpdesk hold`, `unhold` and `purge`: preview, confirmation, deletion and receipt."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.cli.machine import Machine
from tests.integration.relay.helpers import FREE, running
from tests.reliability.proxy import between


async def lived_in(database: Path) -> None:
    """Make a desk of three closed requests, the first of them old, and an open one."""
    async with running(database, None, demo=False, **{**FREE}) as desk:
        sam = await desk.agent("Sam")
        for name in ("Ada", "Bob", "Cyd", "Eve"):
            customer = await desk.asker(name=name, email=f"{name}@example.org", text=f"I am {name}")
            await sam.ok("claim", request=customer.welcome["request"]["id"])
            if name != "Eve":
                await customer.ok("close")
    old = datetime.now(UTC) - timedelta(days=100)
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(
            "UPDATE help_request SET closed_at = ? WHERE id = 1", [round(old.timestamp() * 1000)]
        )


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a lived-in desk, which each test has a copy of."""
    folder = tmp_path_factory.mktemp("pattern")
    asyncio.run(lived_in(Machine(folder).database))
    return folder


@pytest.fixture(params=["while the relay runs", "while none runs"])
def desk(request: pytest.FixtureRequest, machine: Machine, pattern: Path) -> Iterator[Machine]:
    """Yield a machine with a lived-in desk, served and not."""
    machine.become(pattern)
    with machine.relay() if request.param == "while the relay runs" else nullcontext():
        yield machine


@pytest.fixture
def idle(machine: Machine, pattern: Path) -> Machine:
    """Return a machine with a lived-in desk that nobody serves."""
    machine.become(pattern)
    return machine


def left(machine: Machine) -> list[int]:
    with closing(sqlite3.connect(f"{machine.database.as_uri()}?mode=ro", uri=True)) as file:
        return [number for (number,) in file.execute("SELECT id FROM help_request ORDER BY id")]


def test_what_is_old_goes_and_leaves_a_receipt(desk: Machine) -> None:
    done = desk.run("purge", "--older-than", "90d", "--yes")
    assert done.code == 0, done.stderr
    assert "This deletes 1 request with 5 messages" in done.stderr
    purged, receipt = done.stdout.splitlines()
    assert purged.startswith("purged 1 request with 5 messages (")
    assert receipt.split()[0] == "receipt"
    assert len(receipt.split()[2]) == 64
    assert left(desk) == [2, 3, 4]
    assert desk.call("check").code == 0


def test_a_purge_whose_bytes_a_reader_holds_says_so_and_doctor_until_they_are_gone(
    idle: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.purge.OVERWRITE_PATIENCE", 0.5)
    uri = f"{idle.database.as_uri()}?mode=ro"
    with idle.relay():
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM message").fetchone()
            done = idle.call("purge", "1", "--yes")
            assert (done.code, len(done.stdout.splitlines())) == (0, 2)
            assert "another program reads what was there" in done.stderr
            assert "erased data" in idle.call("doctor", "--json").stdout
        done = idle.call("purge", "2", "--yes", "--json")
        assert (done.code, json.loads(done.stdout)["overwritten"]) == (0, True)
        assert "still in the files" not in done.stderr
        assert "erased data" not in idle.call("doctor", "--json").stdout


def test_a_purge_of_most_of_an_old_file_says_how_it_becomes_small(
    idle: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.store.sqlite.free_space.SPARE_PAGES", 0)
    with closing(sqlite3.connect(idle.database, isolation_level=None)) as file:
        file.executescript("PRAGMA auto_vacuum=NONE; VACUUM")
        file.execute("UPDATE message SET text = ? WHERE request_id = 1 AND seq = 2", ["x" * 10**6])
    done = idle.call("purge", "1", "--yes")
    assert (done.code, "`helpdesk restore`" in done.stderr) == (0, True), done
    assert "`helpdesk restore`" not in idle.call("purge", "2", "--dry-run").stderr


@pytest.mark.parametrize("called", ["ADA@Example.org", "ada"])
def test_a_person_is_found_however_their_name_is_written(idle: Machine, called: str) -> None:
    assert idle.call("purge", "--customer", called, "--yes").code == 0
    assert left(idle) == [2, 3, 4]


def test_a_held_request_stays_until_it_is_unheld(desk: Machine) -> None:
    assert "#2 is held" in desk.call("hold", "#2", "--why", "court order").stderr
    told = json.loads(desk.call("purge", "--status", "closed", "--yes", "--json").stdout)
    assert (told["requests"], told["held"]) == (2, 1)
    assert left(desk) == [2, 4]
    assert "#2 is held no longer" in desk.call("unhold", "2").stderr
    assert desk.call("purge", "2", "--yes").code == 0
    assert left(desk) == [4]


def test_what_is_held_or_not_there_leaves_nothing_to_purge(idle: Machine) -> None:
    assert idle.call("hold", "2", "--why", "tax").code == 0
    done = idle.call("purge", "2", "--yes")
    assert (done.code, done.stdout) == (0, "nothing to purge; held and left: 1\n")
    assert idle.call("purge", "--tag", "none", "--yes").stdout == "nothing to purge\n"
    assert left(idle) == [1, 2, 3, 4]


def test_a_dry_run_changes_nothing(idle: Machine) -> None:
    done = idle.call("purge", "--customer", "Ada@example.org", "--dry-run")
    assert done.stdout.startswith("would purge 1 request with 5 messages (")
    assert left(idle) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("filters", "stay"),
    [
        (("--agent", "Sam"), []),
        (("--agent", "1", "--status", "active"), [1, 2, 3]),
        (("--search", "I am Bob"), [1, 3, 4]),
        (("--customer", "3"), [1, 2, 4]),
        (("--until", "1d"), [1, 2, 3, 4]),
        (("3",), [1, 2, 4]),
        (("--status", "closed", "--limit", "2"), [1, 4]),
        (("--status", "closed", "--customer", "Ada", "--limit", "2"), [2, 3, 4]),
    ],
)
def test_a_purge_takes_what_the_filters_take(
    idle: Machine, filters: tuple[str, ...], stay: list[int]
) -> None:
    assert idle.call("purge", *filters, "--yes").code == 0
    assert left(idle) == stay


def test_a_purge_takes_what_a_list_with_the_same_filters_lists_and_says_so(idle: Machine) -> None:
    which = ("--status", "closed", "--limit", "2")
    listed = json.loads(idle.call("requests", "list", "--json", *which).stdout)
    assert [request["id"] for request in listed] == [3, 2]
    assert idle.call("hold", "3", "--why", "tax").code == 0
    said = "; of all that match, the newest 2 at most"
    told = idle.call("purge", "--dry-run", *which).stdout
    assert told.startswith("would purge 1 request with 5 messages (")
    assert told.endswith(f"; held and left: 1{said}\n")
    assert f"{said}.\n" in idle.call("purge", *which, "--yes").stderr
    assert left(idle) == [1, 3, 4]


PURGE = ("purge", "--status", "closed", "--yes")


@contextmanager
def through_a_proxy(machine: Machine, port: int) -> Iterator[list[str]]:
    """Yield the flags that lead to the relay at *port* through a proxy, which ends the connection
    that hears first how a purge goes."""
    token = machine.call("agent", "add", "Root", "--role", "admin").stdout.strip()
    with between(port, cuts=b'"type":"purging"') as proxy:
        yield ["--url", f"http://127.0.0.1:{proxy.port}", "--token", token]


def test_a_purge_whose_connection_breaks_comes_back_for_its_receipt(idle: Machine) -> None:
    with idle.relay() as relay, through_a_proxy(idle, relay.port) as there:
        done = idle.call(*PURGE, *there)
        assert (done.code, "Trying again" in done.stderr) == (0, True), done
        assert done.stdout.startswith("purged 3 requests with 15 messages (")
    assert left(idle) == [4]


@pytest.mark.parametrize("anew", [False, True])
def test_a_purge_whose_relay_dies_says_what_went_and_what_to_do(
    idle: Machine, monkeypatch: pytest.MonkeyPatch, *, anew: bool
) -> None:
    with ExitStack() as stack:
        relay = stack.enter_context(idle.serve())
        port = relay.url.rpartition(":")[2]
        there = stack.enter_context(through_a_proxy(idle, int(port)))

        def dies(*_: object) -> float:
            if relay.process.poll() is None:
                relay.process.kill()
                relay.process.exit_code()
                if anew:
                    stack.enter_context(idle.relay(port=port))
            return 0.05

        monkeypatch.setattr("cli.relay_client.reconnect_delay", dies)
        if not anew:
            monkeypatch.setattr("cli.relay_client.RETRY_FOR", 0.2)
        done = idle.call(*PURGE, *there)
    assert (done.code, done.stdout) == (1, "")
    sentence = done.stderr.splitlines()[-1]
    assert ("The relay ended meanwhile" if anew else "The purge had begun") in sentence
    assert "the audit log counts it, as `purged` or `purge_interrupted`" in sentence
    assert "the same command takes what is left" in sentence


@pytest.mark.parametrize("answer", ["no\n", "\n", "Y e s\n"])
def test_without_a_yes_nothing_goes(idle: Machine, answer: str) -> None:
    done = idle.call("purge", "--status", "closed", said=answer)
    assert (done.code, done.stdout) == (1, "")
    assert "Nothing was purged" in done.stderr
    assert left(idle) == [1, 2, 3, 4]


def test_a_yes_is_enough(idle: Machine) -> None:
    assert idle.call("purge", "--status", "closed", said="yes\n").code == 0
    assert left(idle) == [4]


def test_ctrl_c_at_the_question_ends_it_at_once_and_a_typed_yes_goes_on(idle: Machine) -> None:
    with idle.terminal("purge", "1") as child:
        child.expect(r"Purge them\? \[no\]: ")
        child.sendintr()
        assert "Traceback" not in child.read()
        child.wait()
        assert child.exitstatus == 130
    assert left(idle) == [1, 2, 3, 4]
    with idle.terminal("purge", "1") as child:
        child.expect(r"Purge them\? \[no\]: ")
        child.sendline("yes")
        child.expect("purged 1 request")
        child.wait()
        assert child.exitstatus == 0
    assert left(idle) == [2, 3, 4]


def test_without_an_answer_nothing_goes(idle: Machine) -> None:
    done = idle.call("purge", "1")
    assert (done.code, done.stdout) == (1, "")
    assert "An answer is missing" in done.stderr
    assert left(idle) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("purge",), "Say which requests"),
        (("purge", "x"), "'x' is no request's number"),
        (("purge", "0"), "'0' is no request's number"),
        (("purge", "--older-than", "soon"), "--older-than: 'soon' is no time"),
        (("purge", "--limit", "3", "--yes"), "Say which requests"),
        (("purge", "--status", "gone"), "--status: 'gone' is none of"),
        (("hold", "1", "--why", " "), "--why needs 1 to 1,000 characters"),
        (("hold", "1"), "--why"),
    ],
)
def test_a_purge_that_is_not_well_asked_for_changes_nothing(
    idle: Machine, arguments: tuple[str, ...], sentence: str
) -> None:
    done = idle.call(*arguments, said="yes\n")
    assert done.code == 2
    assert sentence in done.stderr
    assert left(idle) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "arguments",
    [
        ("hold", "99", "--why", "tax"),
        ("unhold", "99"),
        ("purge", "99", "--yes"),
        ("purge", "--agent", "Nobody"),
    ],
)
def test_what_is_not_there_is_said(idle: Machine, arguments: tuple[str, ...]) -> None:
    assert "There is no" in idle.call(*arguments).failed()
    assert left(idle) == [1, 2, 3, 4]
