"""`helpdesk import`: an export becomes the desk, all of it or nothing."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.contract.store.actions import closes, opens
from tests.fork_server import PROGRAM
from tests.integration.cli.desk import furnish
from tests.integration.cli.machine import Machine
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a desk in it, exported to ``first``, which then went on."""
    machine = Machine(tmp_path_factory.mktemp("pattern"))
    furnish(machine.database)
    with Bench(machine.database) as bench:
        bench.do(opens("gone", "Forget this"))
        bench.do(closes("gone", keep=False))
    assert machine.call("export", "-q", "-o", "first").code == 0
    with Bench(machine.database) as bench:
        bench.do(opens("zoe", "Since then"))
    return machine.home


@pytest.fixture
def desk(machine: Machine, pattern: Path) -> Machine:
    """Return a machine with a copy of that desk."""
    machine.become(pattern)
    return machine


def epoch(machine: Machine) -> str:
    with Bench(machine.database) as bench:
        return bench.store.epoch


def end_of(path: Path) -> tuple[bytes, dict[str, object]]:
    """Return all but the last line of an export, and what that says."""
    body, _, last = path.read_bytes()[:-1].rpartition(b"\n")
    return body + b"\n", json.loads(last)


def seal(path: Path, body: bytes) -> None:
    """Write *body* as an export with a last line that is true of it."""
    kinds = [json.loads(line)["type"] for line in body.splitlines()]
    counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    end = {"type": "end", "lines": counts, "sha256": sha256(body).hexdigest()}
    path.write_bytes(body + json.dumps(end).encode() + b"\n")


def test_what_was_exported_comes_back_under_a_new_epoch(desk: Machine) -> None:
    before = epoch(desk)
    done = desk.call("import", "first")
    assert (done.code, done.stdout) == (0, ""), done.stderr
    (kept,) = desk.home.glob("desk.db.replaced-*")
    assert f"3 requests with 15 messages of first; what was there before is kept in {kept}" in (
        done.stderr
    )
    assert desk.call("export", "-q", "-o", "second").code == 0
    assert (desk.home / "second").read_bytes() == (desk.home / "first").read_bytes()
    assert epoch(desk) != before
    assert desk.call("check").code == 0


def test_numbers_of_before_are_not_given_out_again(desk: Machine) -> None:
    desk.call("import", "first")
    with Bench(desk.database) as bench:
        assert bench.do(opens("new", "Hello")).record.request.id == 5


def test_what_comes_back_is_found_by_its_words(desk: Machine) -> None:
    desk.call("import", "first")
    for words in ("order", "gruße 世", "Ada"):
        assert "1 request with " in desk.call("export", "-o", "out", "--search", words).stderr


def test_a_part_of_a_desk_is_a_desk_too(desk: Machine) -> None:
    assert desk.call("export", "-q", "-o", "part", "--status", "closed").code == 0
    told = json.loads(desk.call("import", "part", "--json").stdout)
    assert (told["requests"], told["messages"]) == (1, 7)
    assert (told["agents_without_token"], b"token_hash" in (desk.home / "part").read_bytes()) == (
        2,
        False,
    )
    assert desk.call("export", "-q", "-o", "again", "--status", "closed").code == 0
    assert desk.call("check").code == 0
    part, again = (
        [
            line
            for line in (desk.home / name).read_bytes().splitlines()
            if b'"request":{' in line or b'"type":"message"' in line
        ]
        for name in ("part", "again")
    )
    assert again == part
    with desk.serve() as relay:
        token = desk.call("agent", "token", "sam").stdout.strip()
        assert desk.call("login", "--url", relay.url, "--token", token).code == 0


@pytest.mark.parametrize("way", ["- <first", "<(cat first)"])
def test_an_export_may_come_through_a_pipe(desk: Machine, way: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'cat first | "$0" import {way}', PROGRAM],
        capture_output=True,
        text=True,
        cwd=desk.home,
        env=desk.environment,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "3 requests with 15 messages of " in done.stderr
    assert not [*desk.home.glob(".*.part*")]
    assert desk.call("export", "-q", "-o", "second").code == 0
    assert (desk.home / "second").read_bytes() == (desk.home / "first").read_bytes()


def test_what_a_pipe_gives_is_refused_as_a_file_is(desk: Machine) -> None:
    for said in (b"", (desk.home / "first").read_bytes()[:-40]):
        done = subprocess.run(
            [PROGRAM, "import", "-"],
            input=said,
            capture_output=True,
            cwd=desk.home,
            env=desk.environment,
            timeout=PATIENCE,
            check=False,
        )
        assert b"helpdesk: stdin is no export or was cut" in done.stderr
    assert not [*desk.home.glob(".*.part*")]
    assert desk.call("requests", "show", "5").code == 0


def test_it_waits_for_no_relay(desk: Machine) -> None:
    with desk.relay():
        assert "in use by another relay" in desk.call("import", "first").failed()
    assert desk.call("export", "-o", "out").code == 0
    assert b"Since then" in (desk.home / "out").read_bytes()


def no_change(desk: Machine, file: str) -> str:
    """Return with what sentence *file* is refused; nothing on the machine is another then."""
    before = {path: path.read_bytes() for path in desk.home.iterdir() if path.is_file()}
    sentence = desk.call("import", file).failed()
    after = {path: path.read_bytes() for path in desk.home.iterdir() if path.is_file()}
    assert after == before
    return sentence


@pytest.mark.parametrize("left", [0, 1, 40, -1, -2, -150])
def test_a_file_that_was_cut_is_noticed(desk: Machine, left: int) -> None:
    data = (desk.home / "first").read_bytes()
    (desk.home / "cut").write_bytes(data[:left])
    if left == -1:  # all but the last line's end: nothing is missing
        assert desk.call("import", "cut").code == 0
    else:
        assert "was cut" in no_change(desk, "cut")


def test_a_file_that_was_changed_is_noticed(desk: Machine) -> None:
    data = (desk.home / "first").read_bytes()
    (desk.home / "changed").write_bytes(data.replace(b"On its way", b"Never mind"))
    assert "its hash is another" in no_change(desk, "changed")


FORGERIES = {
    "a gap in a log": (b'"seq":3,', b'"seq":33,'),
    "an event that there is none of": (b'"kind":"note"', b'"kind":"rumour"'),
    "a field that there is none of": (b'"kind":"note"', b'"kind":"note","secret":1'),
    "an agent who is missing": (b'{"type":"agent","id":2', b'{"type":"agent","id":7'),
    "a status that the log does not tell": (b'"status":"closed"', b'"status":"active"'),
    "a number beyond all": (b'"customer_since":', b'"customer_since":99999999999999999999'),
    "a program to come": (b'"format":1', b'"format":2'),
    "no JSON": (b'{"type":"canned"', b"canned"),
    "two agents of one name": (b'"name":"Kim","role"', b'"name":"Sam","role"'),
    "a text of nothing": (b'"text":"On its way."', b'"text":" "'),
    "a text with a bell in it": (b"On its way", b"On \\u0007its way"),
    "a note that is too long": (b"A *difficult* one", b"x" * 120_001),
    "a note by the customer": (
        b'"by":{"role":"agent","id":1,"name":"Agent 1"},"kind":"note"',
        b'"by":{"role":"customer","id":1,"name":"Ada"},"kind":"note"',
    ),
    "a name with a line's end": (b'"name":"Ada"', b'"name":"A\\nda"'),
    "a name that is too long": (b'"name":"=Bob"', b'"name":"%s"' % (b"x" * 101)),
    "an agent without a name": (b'"name":"Kim","role"', b'"name":"","role"'),
    "a tag that is none": (b'"billing"', b'"Billing it"'),
    "an address that runs": (b"https://shop.example/cart", b"javascript:alert(1)"),
    "a time without a date": (b'"customer_since":1', b'"customer_since":9991'),
    "a mark beyond the log": (b'"read_by_customer":{"seq":', b'"read_by_customer":{"seq":9'),
    "numbers that leave none": (b'"customer":4,', b'"customer":9223372036854775807,'),
    "a canned response of nothing": (b'"name":"hi","text":"Hi"', b'"name":"hi","text":""'),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_file_changes_nothing(desk: Machine, forgery: str) -> None:
    old, new = FORGERIES[forgery]
    body, _ = end_of(desk.home / "first")
    body += b'{"type":"canned","name":"hi","text":"Hi"}\n'
    assert old in body
    forged = body.replace(old, new)
    if forgery == "no JSON":
        end = {"type": "end", "lines": {}, "sha256": sha256(forged).hexdigest()}
        (desk.home / "forged").write_bytes(forged + json.dumps(end).encode() + b"\n")
    else:
        seal(desk.home / "forged", forged)
    assert "forged" in no_change(desk, "forged")


def test_counts_that_are_not_true_are_noticed(desk: Machine) -> None:
    body, end = end_of(desk.home / "first")
    end["lines"] = {"request": 1}
    (desk.home / "forged").write_bytes(body + json.dumps(end).encode())
    assert "other lines" in no_change(desk, "forged")


def test_mistakes_are_told_in_a_sentence(desk: Machine) -> None:
    assert "no file nothing" in no_change(desk, "nothing")
    assert "no export" in no_change(desk, "desk.db")
    assert "no file ." in no_change(desk, ".")
