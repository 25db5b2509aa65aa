"""A store that has no room: writers are refused, readers are served, and it recovers by itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from relay.desk.events import Role
from relay.errors import Code
from relay.store.api import Transaction
from relay.store.values import MessageRange
from tests.contract.store.actions import log, opens, says
from tests.contract.store.backend import Backend
from tests.contract.store.harness import StoreBench

NoRoom = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def no_room(backend: Backend, location: Path) -> NoRoom:
    """Return a context in which nothing can be committed."""
    return lambda: backend.no_room(location)


def test_writers_are_refused_and_what_they_wrote_is_not_kept(
    bench: StoreBench, no_room: NoRoom
) -> None:
    bench.do(opens("ada", "Help"))
    before = bench.exported()
    with no_room():
        with bench.busy():
            jobs = [bench.submit(says("ada", f"line {n}", f"ref-{n}")) for n in range(3)]
        bench.settle(*jobs)
        assert {job.code for job in jobs} == {Code.UNAVAILABLE}
        assert bench.store.problem
        assert bench.exported() == before


def test_readers_of_the_same_batch_are_served(bench: StoreBench, no_room: NoRoom) -> None:
    bench.do(opens("ada", "Help"))
    with no_room():
        with bench.busy():
            writer = bench.submit(says("ada", "More", "ref"))
            reader = bench.submit(log(1), writes=False)
        bench.settle(writer, reader)
        assert writer.code == Code.UNAVAILABLE
        assert [message.seq for message in reader.value.messages] == [1, 2, 3]
        beside = bench.read(lambda queries: queries.messages(1, MessageRange(Role.AGENT)))
        assert [message.seq for message in beside.value.messages] == [1, 2, 3]
        alone = bench.submit(log(1), writes=False)
        bench.settle(alone)
        assert len(alone.value.messages) == 3


def test_it_recovers_and_a_retry_is_stored_once(bench: StoreBench, no_room: NoRoom) -> None:
    bench.do(opens("ada", "Help"))
    line = says("ada", "More", "ref")
    with no_room():
        assert [bench.write(line).code for _ in range(3)] == [Code.UNAVAILABLE] * 3
    assert bench.store.problem
    stored = bench.do(line)
    bench.problem_becomes(False)
    assert (stored.own and stored.own.seq, stored.record.request.seq) == (4, 4)
    assert [text for _, text, _ in bench.messages()].count("More") == 1


def test_a_failed_batch_leaves_nothing_in_the_writers_cache(
    bench: StoreBench, no_room: NoRoom
) -> None:
    """The second request was thought of, decided and numbered, but never was."""
    bench.do(opens("ada", "Help"))
    with no_room():
        with bench.busy():
            jobs = [bench.submit(opens("eve", "x")), bench.submit(says("ada", "More", "ref"))]
        bench.settle(*jobs)
        assert {job.code for job in jobs} == {Code.UNAVAILABLE}

    def known(transaction: Transaction) -> object:
        ada = transaction.record(1)
        return (
            ada and ada.request.seq,
            transaction.record(2),
            transaction.people.customer("eve"),
            transaction.latest(2),
        )

    assert bench.do(known) == (3, None, None, None)
    assert bench.do(opens("eve", "x")).record.request.id == 2


def test_a_refusal_for_lack_of_space_says_nothing_of_the_words(
    bench: StoreBench, no_room: NoRoom, caplog: pytest.LogCaptureFixture
) -> None:
    bench.do(opens("ada", "Help"))
    with no_room():
        bench.write(says("ada", "my secret", "ref"))
    assert caplog.records
    assert "secret" not in caplog.text


def test_queries_are_refused_once_the_store_is_interrupted(bench: StoreBench) -> None:
    assert bench.read(lambda _: 1).value == 1
    bench.store.interrupt()
    assert bench.read(lambda _: 1).code == Code.UNAVAILABLE
