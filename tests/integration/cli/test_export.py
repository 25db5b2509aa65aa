"""`helpdesk export`: complete, harmless, whole or not at all, and beside a relay that runs."""

import csv
import io
import json
import os
import resource
import signal
import sqlite3
import stat
import subprocess
from contextlib import closing
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.contract.store.actions import opens
from tests.contract.store.harness import eventually
from tests.fork_server import PROGRAM
from tests.integration.cli.desk import HOSTILE, furnish
from tests.integration.cli.machine import Machine
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE


@pytest.fixture
def desk(machine: Machine) -> Machine:
    """Return a machine with a desk on it."""
    furnish(machine.database)
    return machine


def exported(machine: Machine, *arguments: str) -> bytes:
    """Return the file that an export makes."""
    done = machine.call("export", "-o", "out", *arguments)
    assert (done.code, done.stdout) == (0, ""), done.stderr
    return (machine.home / "out").read_bytes()


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def numbers(machine: Machine, *arguments: str) -> list[int]:
    """Return the numbers of the requests that an export holds."""
    found = lines(exported(machine, *arguments))
    return [line["request"]["id"] for line in found if line["type"] == "request"]


def test_two_exports_are_the_same_while_the_relay_runs_and_while_not(desk: Machine) -> None:
    first = exported(desk)
    with desk.relay():
        done = desk.run("export", "-q", "-o", "beside")
        assert (done.code, done.stdout, done.stderr) == (0, "", "")
        to_stdout = desk.call("export", "--format", "jsonl")
    assert (desk.home / "beside").read_bytes() == first
    assert to_stdout.stdout.encode() == first
    assert to_stdout.stderr == "helpdesk: 3 requests with 15 messages went to stdout.\n"


def test_the_last_line_counts_and_hashes_what_stands_before(desk: Machine) -> None:
    data = exported(desk)
    body, _, last = data[:-1].rpartition(b"\n")
    end = json.loads(last)
    kinds = [line["type"] for line in lines(body)]
    assert end["sha256"] == sha256(body + b"\n").hexdigest()
    assert end["lines"] == {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    assert end["lines"]["message"] == 15


def test_the_filters_pick_requests(desk: Machine) -> None:
    assert numbers(desk) == [1, 2, 3]
    assert numbers(desk, "--status", "closed") == [1]
    assert numbers(desk, "--agent", "Kim") == [2]
    assert numbers(desk, "--customer", "Ada") == [1]
    assert numbers(desk, "--tag", "billing") == [2]
    assert numbers(desk, "--site", "elsewhere") == []
    assert numbers(desk, "--until", "2001-01-01") == []
    assert numbers(desk, "--search", "order") == [1]
    assert numbers(desk, "--search", "gruße 世") == [3]
    assert numbers(desk, "--limit", "2") == [2, 3]
    assert numbers(desk, "3", "#1") == [1, 3]


def test_a_part_of_the_desk_bears_no_audit_log(desk: Machine) -> None:
    given = [line for line in lines(exported(desk, "1")) if line["type"] == "given"]
    assert given == [{"type": "given", "agent": 2, "audit": 0, "customer": 3, "help_request": 3}]


def test_no_cell_of_a_spreadsheet_begins_a_formula(desk: Machine) -> None:
    data = exported(desk, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 15
    said = next(row for row in rows if row["request"] == "2" and row["kind"] == "text")
    assert said["customer"] == "'=Bob"
    assert [row["text"] for row in rows if "SUM" in row["text"]] == [f"'{HOSTILE}"]
    assert rows[0]["seq"] == "1"
    assert {row["role"] for row in rows} == {"customer", "agent", "desk"}


class MessagePage(HTMLParser):
    """Gathers the tags and the text of a page."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.attributes: set[str] = set()
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_of_html_loads_and_runs_nothing(desk: Machine) -> None:
    page = MessagePage(exported(desk, "--format", "html"))
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "b", "base", "object"})
    assert page.attributes.isdisjoint({"src", "onload", "onclick", "style"})
    assert "<b>" in page.text
    assert "@SUM(A1)" in page.text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page.text
    assert page.text.count("Request #") == 3
    assert "@media print" in page.text
    assert "default-src 'none'" in (desk.home / "out").read_text()


def test_text_and_markdown_are_read_by_people(desk: Machine) -> None:
    text = exported(desk, "--format", "txt").decode()
    assert "Request #1: Ada\n===============\nStatus: closed\n" in text
    assert "Agent 1 (note)\n    A *difficult* one\n" in text
    assert "Grüße, 世界 😀" in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    marked = exported(desk, "--format", "md").decode()
    assert "## Request \\#1: Ada\n" in marked
    assert "> A \\*difficult\\* one" in marked
    assert "> \\=1+1 \\<b\\>" in marked


def test_a_file_is_for_its_owner_alone_and_replaces_the_one_before(desk: Machine) -> None:
    (desk.home / "out").write_text("before")
    exported(desk)
    assert stat.S_IMODE((desk.home / "out").stat().st_mode) == 0o600
    assert b"before" not in (desk.home / "out").read_bytes()


def test_mistakes_are_told_in_a_sentence(desk: Machine) -> None:
    assert "none of" in desk.call("export", "--format", "pdf").failed(2)
    assert "no time" in desk.call("export", "--since", "soon").failed(2)
    assert "no request's number" in desk.call("export", "one").failed(2)
    assert "no request #9" in desk.call("export", "9").failed()
    assert "no agent Bob" in desk.call("export", "--agent", "Bob").failed()
    assert "is a folder" in desk.call("export", "-o", ".").failed()
    assert "-o" in desk.call("export", "-o", "nowhere/out").failed()
    assert "database" in desk.call("export", "-o", str(desk.database)).failed()
    desk.database.unlink()
    assert "no desk" in desk.call("export").failed()


def test_a_full_disk_leaves_the_file_as_it_was(desk: Machine) -> None:
    make_long(desk.database)
    (desk.home / "out").write_text("before")
    before = sorted(desk.home.iterdir())

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))

    done = subprocess.run(
        [PROGRAM, "export", "-o", "out"],
        capture_output=True, text=True, cwd=desk.home, env=desk.environment,
        preexec_fn=small, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "helpdesk: Cannot write out (File too large); give another file with -o.\n"
    )
    assert (desk.home / "out").read_text() == "before"
    assert sorted(desk.home.iterdir()) == before


def test_a_reader_that_goes_away_is_no_mistake_of_the_program(desk: Machine) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            [PROGRAM, "export"], stdout=pipe, stderr=subprocess.PIPE, text=True,
            cwd=desk.home, env=desk.environment, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")


def test_progress_is_drawn_on_a_terminal_alone(desk: Machine) -> None:
    with desk.terminal("export", "-o", "out") as child:
        child.expect("100%")
        child.expect("went to out")
    assert len(lines((desk.home / "out").read_bytes())) > 15
    assert "%" not in desk.call("export", "-o", "out").stderr


@pytest.mark.parametrize(
    ("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGHUP, -1)]
)
def test_whatever_ends_it_leaves_no_half_file(desk: Machine, by: signal.Signals, code: int) -> None:
    make_long(desk.database)
    before = sorted(desk.home.iterdir())
    with subprocess.Popen(
        [PROGRAM, "export", "-o", "out"],
        stderr=subprocess.PIPE, text=True, cwd=desk.home, env=desk.environment,
    ) as process:  # fmt: skip
        eventually(lambda: any(desk.home.glob(".*.part")))
        process.send_signal(by)
        _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (code, "")
    assert sorted(desk.home.iterdir()) == before


def test_a_long_request_comes_whole(desk: Machine) -> None:
    make_long(desk.database)
    found = [line for line in lines(exported(desk, "3")) if line["type"] == "message"]
    assert [line["seq"] for line in found] == list(range(1, 40_001))


def make_long(database: Path) -> None:
    """Give the third request some 40,000 messages more."""
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(
            "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
            " INSERT INTO message (request_id, seq, kind, text, by_role, by_id, at)"
            " SELECT 3, i, 'note', 'x', 'agent', 1, i FROM n"
        )
        file.execute("UPDATE help_request SET seq = 40000 WHERE id = 3")


@pytest.mark.parametrize("form", ["jsonl", "csv", "md", "html", "txt"])
def test_a_copy_for_a_customer_has_what_they_saw_and_no_more(desk: Machine, form: str) -> None:
    copy = exported(desk, "--format", form, "--customer", "Ada", "--for-them").decode()
    assert "Where is my order?" in copy
    assert "On its way." in copy
    for secret in ("difficult", "Agent 1", "Sam", "Kim", "token_hash", "billing"):
        assert secret not in copy
    assert ("difficult" in exported(desk, "--format", form, "--customer", "Ada").decode()) is True


def test_a_copy_is_one_persons(desk: Machine) -> None:
    assert "Say whose" in desk.call("export", "--for-them").failed(2)
    assert "no request of Zoe" in desk.call("export", "--for-them", "--customer", "Zoe").failed()
    with Bench(desk.database) as bench:
        bench.do(opens("other", "I am another", name="Ada"))
    both = desk.call("export", "--for-them", "--customer", "Ada").failed()
    assert "Several customers are called Ada; give the id of one: 1, 4." in both
    assert b"another" not in exported(desk, "--for-them", "--customer", "1")


def test_an_email_is_one_persons_only_if_they_have_proven_it(desk: Machine) -> None:
    copy = ("export", "--for-them", "--customer", "ADA@example.org")
    with Bench(desk.database) as bench:
        bench.do(opens("typed", "I say that I am Ada", email="ada@example.org"))
    refused = desk.call(*copy).failed()
    assert "no verified customer has it" in refused
    assert refused.strip().endswith("give the id of who asks: 4.")
    with Bench(desk.database) as bench:
        bench.do(opens("proven", "I am Ada", email="Ada@example.org", verified=True))
    done = desk.call(*copy)
    assert ("I am Ada" in done.stdout, "I say that" in done.stdout) == (True, False)
    assert "Left out" in done.stderr
    assert "one by one: 4." in done.stderr
    with Bench(desk.database) as bench:
        bench.do(opens("other", "I am Ada, too", email="Ada@example.org", verified=True))
    several = desk.call(*copy)
    assert "several verified customers have it" in several.failed()
    assert (several.stdout, "4, 5, 6" in several.stderr) == ("", True)


def test_a_copy_has_the_customers_numbers_and_no_import_takes_it(desk: Machine) -> None:
    first, *log = lines(exported(desk, "--customer", "Ada", "--for-them"))
    assert [line["seq"] for line in log] == list(range(1, first["request"]["seq"] + 1))
    assert first["customer"]["key"] == ""
    assert {line["by"]["id"] for line in log if line["by"]["role"] == "agent"} == {0}
    assert "is no export" in desk.call("import", "out").failed()


def test_only_a_whole_desk_has_hashes_of_tokens(desk: Machine) -> None:
    for some in (("1",), ("--status", "closed"), ("--limit", "99")):
        assert b"token_hash" not in exported(desk, *some)
    agents = [line for line in lines(exported(desk)) if line["type"] == "agent"]
    assert [len(agent["token_hash"]) > 0 for agent in agents] == [True, True]


def test_some_requests_have_the_keys_of_verified_customers_alone(desk: Machine) -> None:
    with Bench(desk.database) as bench:
        bench.do(opens("identity:dan", "I signed in", name="Dan", verified=True))

    def keys(*arguments: str) -> list[str]:
        found = lines(exported(desk, *arguments))
        return [line["customer"]["key"] for line in found if line["type"] == "request"]

    assert keys("--limit", "2") == ["", "identity:dan"]
    assert all(keys())
