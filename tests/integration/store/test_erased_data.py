"""Traces of erased data: removed from the index and the log, also after errors and kills."""

from pathlib import Path

import pytest

from relay.store.api import Transaction
from relay.store.sqlite import maintenance, search_index
from tests.contract.store.actions import closes, ended, opens, says
from tests.contract.store.harness import eventually
from tests.integration.store.sqlite_harness import Bench


def traced(database: Path) -> bool:
    """Whether any file of *database* has the word that was erased."""
    files = database.parent.glob(f"{database.name}*")
    return any(b"gurkensalat" in path.read_bytes().lower() for path in files)


def must_be_rid_of_it(bench: Bench) -> None:
    """Wait until the word is gone, and the mark that has to stand as long as it is there."""
    eventually(lambda: not bench.rows("SELECT 1 FROM meta WHERE name = 'traces'"))
    assert not traced(bench.database)


def test_traces_that_an_end_leaves_in_the_files_go_at_the_next_start(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "INTERVAL", 60.0)
        with Bench(database) as bench:
            bench.do(opens("ada", "Gurkensalat"))
        with Bench(database) as bench:  # in the index since the end
            bench.do(closes("ada", keep=False))
    assert traced(database)
    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 0.02)
    with Bench(database) as bench:
        must_be_rid_of_it(bench)


def test_what_is_erased_shortly_before_a_turn_goes_in_a_later_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "INTERVAL", 0.2)
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 0.0)
    bench.do(opens("ada", "Gurkensalat"))
    bench.do(opens("bob", "Help"))
    bench.indexed()
    bench.do(says("bob", "Here I am", "first"))  # so a turn is due before that of the erasure
    bench.do(closes("ada", keep=False))
    must_be_rid_of_it(bench)


def test_an_index_that_takes_many_turns_to_be_rewritten_is_rid_of_what_was_erased(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgets(transaction: Transaction) -> None:
        closes("ada", keep=False)(transaction)
        transaction.wipe()

    monkeypatch.setattr(maintenance, "INTERVAL", 0.02)
    monkeypatch.setattr(search_index, "MERGED_AT_ONCE", 1)
    bench.do(opens("ada", "Gurkensalat"))
    for part in range(5):
        bench.do(ended(part * 100, part * 100 + 99, "all{0} big{0} cats{0} do{0} eat{0}"))
        bench.indexed()
    monkeypatch.setattr(maintenance, "INTERVAL", 60.0)
    bench.do(forgets)
    must_be_rid_of_it(bench)
