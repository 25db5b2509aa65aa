"""Exports next to a running relay: each request is complete."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.desk import commands
from relay.errors import StartError
from relay.store.export_format import MessageLine, RequestLine
from relay.store.sqlite import exporter
from relay.store.sqlite.exporter import open_source
from relay.store.values import RequestFilter
from tests.contract.store.actions import add_agents, agent_says, opens, says
from tests.integration.store.sqlite_harness import Bench


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page hold two messages, and one request."""
    monkeypatch.setattr(exporter, "REQUESTS_AT_ONCE", 1)
    monkeypatch.setattr(exporter, "MESSAGES_AT_ONCE", 2)
    monkeypatch.setattr(exporter, "_LOG", exporter._LOG.limit(2))


def furnish(bench: Bench) -> None:
    bench.do(add_agents)
    for key in ("ada", "bob", "eve"):
        bench.do(opens(key, "Help"))
    for number in (1, 2):
        bench.do(agent_says(1, number, commands.Note("Known"), f"n{number}"))


def test_pages_leave_nothing_out_and_tell_nothing_twice(bench: Bench, pages_of_two: None) -> None:
    furnish(bench)
    with open_source(bench.database) as source:
        lines = list(source.histories(source.extent(RequestFilter())))
    told = [
        (line.request.id, 0) if isinstance(line, RequestLine) else (line.request, line.seq)
        for line in lines
    ]
    lengths = {1: 4, 2: 4, 3: 3}
    assert told == [(n, seq) for n in lengths for seq in range(lengths[n] + 1)]


def test_what_is_said_meanwhile_is_in_what_comes_later_alone(
    bench: Bench, pages_of_two: None
) -> None:
    furnish(bench)
    with open_source(bench.database) as source:
        going = source.histories(source.extent(RequestFilter()))
        first = next(going)
        bench.do(says("ada", "Still there?", "r1"))
        bench.do(says("bob", "Me too", "r2"))
        bench.do(opens("zoe", "New here"))
        rest = list(going)
    assert isinstance(first, RequestLine)
    said = [(line.request, line.text) for line in rest if isinstance(line, MessageLine)]
    assert (1, "Still there?") not in said
    assert (2, "Me too") in said
    assert 4 not in {number for number, _ in said}


def test_a_request_that_is_erased_on_the_way_ends_the_export(
    bench: Bench, pages_of_two: None
) -> None:
    furnish(bench)
    with open_source(bench.database) as source:
        going = source.histories(source.extent(RequestFilter()))
        next(going)
        with closing(sqlite3.connect(bench.database)) as file, file:
            file.execute("DELETE FROM message WHERE request_id = 1")
        with pytest.raises(StartError, match="#1 lost messages while it was read"):
            list(going)


def test_a_caller_that_is_slow_keeps_no_snapshot(bench: Bench, database: Path) -> None:
    furnish(bench)
    with open_source(database) as source:
        going = source.histories(source.extent(RequestFilter()))
        next(going)
        with closing(sqlite3.connect(database)) as file:
            (busy, _, _) = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0
