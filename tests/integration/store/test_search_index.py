"""The full-text index is updated after the commits, and queries never miss a message."""

import resource
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection

from relay.store.api import Transaction
from relay.store.sqlite import maintenance, search_index
from relay.store.sqlite.engine import writer_engine
from relay.store.sqlite.exporter import open_source
from relay.store.sqlite.integrity import check_database
from relay.store.sqlite.schema import SEARCH
from relay.store.sqlite.search_index import fill
from relay.store.sqlite.search_text import indexable
from relay.store.sqlite.transaction import SqliteTransaction
from relay.store.values import RequestFilter
from tests.contract.store.actions import closes, opens, says
from tests.contract.store.harness import eventually
from tests.integration.store.sqlite_harness import Bench

TEXTS = (
    "Die Straße nach Zürich ist gesperrt",
    "Ma crème brûlée est froide",
    "再び注文が冷たいです。東京都から",
    'He said "no" AND left (twice)* near the end: a-b^2',
    "주문이 도착하지 않았습니다",
    "cafe\u0301 de\u0301ja\u0300 vu",
    "half a text\0and the rest of the text",
    "№ \uff26\uff55\uff4c\uff4c width",
)
ASKED = ("zurich", "BRÛLÉE crème", "京", "東京都", "京東", "도착", "café", "no AND left", "a-b^2")
MORE = ('"', "text", "rest half", "full", "no.", "twice*", "nothing", "help", "the")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the writer look after nothing: what waits for the index keeps waiting."""
    monkeypatch.setattr(maintenance, "INTERVAL", 1e9)


def seqs(bench: Bench, words: str) -> list[int | None]:
    """Return which messages of the one request are found, page by page."""
    places, cursor = list[int | None](), None
    while True:
        page = bench.read(lambda it, at=cursor: it.search(words, at, 2)).value  # type: ignore[misc]
        hits, cursor = page.hits, page.cursor
        places += [hit.seq for hit in hits]
        if cursor is None:
            return places


def listed(bench: Bench, words: str) -> list[int]:
    """Return which requests are listed for *words*."""
    asked = RequestFilter(text=words)
    page = bench.read(lambda queries: queries.requests(asked, None, 100)).value.records
    return [record.request.id for record in page]


def exported(database: Path, words: str) -> int:
    """Return how many requests an export picks, which opens the file by itself."""
    with open_source(database) as source:
        return source.extent(RequestFilter(text=words)).requests


def indexed_words(file: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Return every word in the index of *file*, with where it is."""
    file.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, search, instance)")
    return file.execute("SELECT term, doc, offset FROM word ORDER BY 1, 2, 3").fetchall()


def fill_step(transaction: Transaction) -> None:
    assert isinstance(transaction, SqliteTransaction)
    fill(transaction._connection)


def must_be_as_if_made_anew(database: Path) -> None:
    """Insist that the index of *database* is what an index of its texts is."""
    with closing(sqlite3.connect(database)) as file, closing(sqlite3.connect(":memory:")) as new:
        file.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        file.rollback()
        new.execute(SEARCH)
        for number, text in file.execute("SELECT id, text FROM message WHERE text IS NOT NULL"):
            new.execute(
                "INSERT INTO search (rowid, words) VALUES (?, ?)", (number, indexable(text))
            )
        assert indexed_words(file) == indexed_words(new)


@pytest.mark.usefixtures("still")
def test_a_commit_leaves_the_index_alone_and_what_it_stored_is_found(bench: Bench) -> None:
    bench.do(opens("ada", "Help"))
    bench.do(says("ada", "the Gurkensalat", "ref"))
    assert bench.rows("SELECT count(*) FROM search_docsize") == [(0,)]
    assert seqs(bench, "gurkensalat") == [4]
    assert listed(bench, "gurkensalat") == [1]
    assert exported(bench.database, "gurkensalat") == 1
    assert exported(bench.database, "gurkensalat nowhere") == 0


def test_nobody_sees_whether_a_text_is_in_the_index(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(bench: Bench) -> list[object]:
        return [(words, seqs(bench, words), listed(bench, words)) for words in ASKED + MORE]

    def say(bench: Bench, texts: Sequence[str]) -> None:
        for text in texts:
            bench.do(says("ada", text, text))

    monkeypatch.setattr(maintenance, "INTERVAL", 1e9)
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        say(bench, TEXTS[:4])
    with Bench(database) as bench:
        say(bench, TEXTS[4:])
        half = answers(bench)
    with Bench(database) as bench:
        assert answers(bench) == half
    assert ("京", [6], [1]) in half
    must_be_as_if_made_anew(database)


def test_what_waits_is_in_the_index_after_a_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    for number in range(3):
        bench.do(opens(f"key {number}", "Help"))
        bench.indexed()
    assert listed(bench, "help") == [3, 2, 1]


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(("tail", "size", "few"), [(1_000, 1_000, 9), (3, 1_000, 3), (3, 9, 3)])
def test_many_texts_wait_for_no_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tail: int, size: int, few: int
) -> None:
    monkeypatch.setattr(maintenance, "INDEX_BACKLOG_LIMIT", tail)
    monkeypatch.setattr(search_index, "STEP_SIZE", size)
    for module in (maintenance, search_index):
        monkeypatch.setattr(module, "STEP", 10)
    bench.do(opens("ada", "Help"))
    with bench.busy():
        jobs = [bench.submit(says("ada", f"line {n}", f"ref-{n}")) for n in range(35)]
    bench.settle(*jobs)
    ((last,),) = bench.rows("SELECT max(id) FROM message")
    there = "SELECT coalesce(max(id), 0) FROM search_docsize"
    eventually(lambda: bench.rows(there) >= [(last - few,)])
    assert len(seqs(bench, "line")) == 35


@pytest.mark.usefixtures("still")
def test_an_end_leaves_nothing_waiting(database: Path) -> None:
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
    must_be_as_if_made_anew(database)


@pytest.mark.usefixtures("still")
def test_what_a_killed_relay_left_waiting_is_found_and_indexed_at_the_next_start(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.do(opens("ada", "Gurkensalat"))
    killed = tmp_path / "killed.db"
    for end in ("", "-wal"):
        shutil.copy(f"{bench.database}{end}", f"{killed}{end}")
    assert exported(killed, "gurkensalat") == 1
    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    with Bench(killed) as again:
        assert listed(again, "gurkensalat") == [1]
        again.indexed()
        assert listed(again, "gurkensalat") == [1]
    must_be_as_if_made_anew(killed)


@pytest.mark.usefixtures("still")
def test_whatever_is_erased_the_index_is_as_if_it_had_never_been(database: Path) -> None:
    random = Random(7)
    with Bench(database) as bench:
        there = list[int]()
        for number in range(1, 120):
            bench.do(opens(f"key {number}", f"word {number} of all", f"open-{number}"))
            there.append(number)
            if random.random() < 0.4:  # the newest too, in the index or not
                leaving = there.pop(random.choice((-1, random.randrange(len(there)))))
                bench.do(closes(f"key {leaving}", keep=False))
            if random.random() < 0.3:
                bench.do(fill_step)
        assert listed(bench, "word all") == there[::-1]
    must_be_as_if_made_anew(database)
    assert check_database(database).findings == ()


def test_a_step_adds_no_more_than_is_a_step(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "FINAL_STEPS", 0)
        patch.setattr(maintenance, "INTERVAL", 1e9)
        with Bench(database) as bench:
            bench.do(opens("ada", "x" * 900))
            for number in range(12):
                bench.do(says("ada", f"line {number}", f"ref-{number}"))
    monkeypatch.setattr(search_index, "STEP", 4)
    monkeypatch.setattr(search_index, "STEP_SIZE", 500)
    engine = writer_engine(database)
    steps = list[tuple[int, int]]()
    with engine.begin() as connection:
        while not steps or steps[-1][1]:
            steps.append(fill(connection))
    engine.dispose()
    # The greeting alone, then the long one alone.
    assert steps == [(1, 13), (1, 12), (4, 8), (4, 4), (4, 0)]
    must_be_as_if_made_anew(database)


def test_a_disk_that_is_full_keeps_the_texts_waiting_and_is_told(
    database: Path, disk_of: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_room(connection: Connection) -> tuple[int, int]:
        if connection.exec_driver_sql("SELECT 1 FROM message LIMIT 1").first():
            disk_of(0)
        return fill(connection)

    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    with monkeypatch.context() as patch, Bench(database) as bench:
        patch.setattr(maintenance, "fill", without_room)
        bench.do(opens("ada", "Gurkensalat"))
        bench.problem_becomes(True)
        assert listed(bench, "gurkensalat") == [1]
        patch.undo()
        disk_of(resource.RLIM_INFINITY)
        bench.problem_becomes(False)
        bench.indexed()
        assert listed(bench, "gurkensalat") == [1]
    must_be_as_if_made_anew(database)
