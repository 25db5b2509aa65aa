"""Retries are idempotent and return the first answer: in one batch, later, and after the end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relay.desk import commands
from relay.errors import Code
from relay.service.use_cases import Change
from relay.store.api import Transaction
from tests.contract.store.actions import (
    add_agents,
    agent_does,
    agent_says,
    closes,
    opens,
    says,
)
from tests.contract.store.harness import Callback, StoreBench

SEND, NOTE = commands.Send("Hello"), commands.Note("Hello")
Work = Callable[[Transaction], Change]


def stored_as(bench: StoreBench, ref: str) -> int:
    """Return how many messages are stored under *ref*."""
    return sum(used == ref for _, _, used in bench.messages())


def twice_in_a_batch(bench: StoreBench, first: Work, second: Work) -> list[Callback[Change]]:
    with bench.busy():
        jobs = [bench.submit(first), bench.submit(second)]
    bench.settle(*jobs)
    return jobs


def one_after_the_other(bench: StoreBench, first: Work, second: Work) -> list[Callback[Change]]:
    return [bench.write(first), bench.write(second)]


both_ways = pytest.mark.parametrize(
    "do", [twice_in_a_batch, one_after_the_other], ids=["in one batch", "one after the other"]
)
Do = Callable[[StoreBench, Work, Work], list[Callback[Change]]]


@both_ways
def test_a_customers_text_is_stored_once(bench: StoreBench, do: Do) -> None:
    bench.do(opens("ada"))
    first, again = do(bench, says("ada", "Help", "r"), says("ada", "Help", "r"))
    assert again.value.own == first.value.own
    assert (len(first.value.messages), again.value.messages) == (1, ())
    assert stored_as(bench, "r") == 1


@both_ways
def test_another_text_under_the_same_ref_is_invalid(bench: StoreBench, do: Do) -> None:
    bench.do(opens("ada"))
    _, other = do(bench, says("ada", "Help", "r"), says("ada", "Something else", "r"))
    assert other.code == Code.INVALID


@both_ways
def test_an_open_opens_once_with_or_without_a_text(bench: StoreBench, do: Do) -> None:
    for key, text in (("ada", None), ("bob", "Help")):
        first, again = do(bench, opens(key, text, "o"), opens(key, text, "o"))
        assert again.value.record.request.id == first.value.record.request.id
        assert (again.value.messages, again.value.own) == ((), first.value.own)
        assert again.value.page == first.value.page
    assert bench.requests() == [1, 2]


@both_ways
def test_an_agents_text_and_note_are_stored_once(bench: StoreBench, do: Do) -> None:
    bench.do(add_agents)
    bench.do(opens("ada"))
    first, again = do(bench, agent_says(1, 1, SEND, "r"), agent_says(1, 1, SEND, "r"))
    assert again.value.own == first.value.own
    noted, other = do(bench, agent_says(1, 1, NOTE, "n"), agent_says(1, 1, SEND, "n"))
    assert noted.value.own
    assert other.code == Code.INVALID


def test_an_agents_ref_is_their_own_within_a_request(bench: StoreBench) -> None:
    bench.do(add_agents)
    bench.do(opens("ada"))
    bench.do(opens("bob"))
    owns = [bench.do(agent_says(agent, number, SEND, "r")).own for agent, number in PAIRS]
    assert all(own is not None for own in owns)
    assert stored_as(bench, "r") == 4


PAIRS = [(1, 1), (2, 1), (1, 2), (2, 2)]


def test_a_customers_ref_is_theirs_over_all_their_requests(bench: StoreBench) -> None:
    bench.do(opens("ada", "Help", "o"))
    sent = bench.do(says("ada", "Hi", "r"))
    bench.do(closes("ada"))
    assert bench.do(says("ada", "Hi", "r")).own == sent.own
    bench.do(opens("ada", None, "o2"))
    assert bench.do(says("ada", "Hi", "r")).own == sent.own
    assert bench.write(says("ada", "Other", "r")).code == Code.INVALID
    assert bench.do(opens("ada", "Help", "o")).record.request.id == 1
    assert bench.do(opens("bob", "Help", "o")).record.request.id == 3


def test_a_retry_is_known_after_a_restart(location: Path) -> None:
    with StoreBench(location) as bench:
        bench.do(opens("ada", "Help", "o"))
        sent = bench.do(says("ada", "Hi", "r"))
    with StoreBench(location) as again:
        assert again.do(says("ada", "Hi", "r")).own == sent.own
        assert again.do(opens("ada", "Help", "o")).messages == ()


def test_a_reopened_request_is_the_one_that_hears_its_customer(bench: StoreBench) -> None:
    bench.do(add_agents)
    bench.do(opens("ada", None, "one"))
    bench.do(closes("ada"))
    bench.do(opens("ada", None, "two"))
    bench.do(closes("ada"))
    bench.do(agent_does(1, 1, commands.Reopen(other_open=False)))
    assert bench.do(says("ada", "Back", "r")).record.request.id == 1
    assert bench.do(opens("ada", "Again", "three")).record.request.id == 1
    other = bench.write(agent_does(1, 2, commands.Reopen(other_open=False)))
    assert other.code == Code.CONFLICT


def test_a_deleted_request_leaves_nothing_of_its_customer(bench: StoreBench) -> None:
    bench.do(opens("ada", "my secret", "o", name="Ada Lovelace"))
    bench.do(opens("ada", None, "bare"))
    change = bench.do(closes("ada", keep=False))
    assert change.deleted
    assert (bench.messages(), bench.requests()) == ([], [])
    assert bench.do(lambda transaction: transaction.people.customer("ada")) is None
    assert bench.write(says("ada", "Hi", "r")).code == Code.CLOSED
    assert bench.do(opens("ada", "my secret", "o")).record.request.id == 2
    renewed = bench.do(lambda transaction: transaction.people.customer("ada"))
    assert renewed is not None
    assert renewed.id == 2


def test_what_is_deleted_is_forgotten_within_the_batch_too(bench: StoreBench) -> None:
    bench.do(opens("ada", None, "one"))
    bench.do(closes("ada"))
    with bench.busy():
        bench.submit(opens("ada", None, "two"))
        bench.submit(says("ada", "Hi", "r"))
        bench.submit(closes("ada", keep=False))
        retry = bench.submit(says("ada", "Hi", "r"))
    bench.settle(retry)
    assert retry.code == Code.CLOSED
    assert bench.requests() == [1]


def test_retries_in_a_batch_of_new_texts_are_answered_again_and_the_new_are_stored(
    bench: StoreBench,
) -> None:
    bench.do(opens("ada"))
    first = bench.write(says("ada", "Help", "r"))
    with bench.busy():
        told = [
            bench.submit(says("ada", "More", "r1")),
            bench.submit(says("ada", "Help", "r")),
            bench.submit(says("ada", "Another", "r")),
            bench.submit(says("ada", "Even more", "r2")),
        ]
    bench.settle(*told)
    more, again, other, even_more = told
    assert again.value.own == first.value.own
    assert other.code == Code.INVALID
    assert [len(job.value.messages) for job in (more, again, even_more)] == [1, 0, 1]
    assert [text for _, text, ref in bench.messages() if text and ref] == [
        "Help",
        "More",
        "Even more",
    ]


@both_ways
def test_a_ref_that_opened_without_a_text_is_no_ref_for_a_text(bench: StoreBench, do: Do) -> None:
    bench.do(opens("ada"))
    bare, text = do(bench, opens("ada", None, "r"), says("ada", "Help", "r"))
    assert bare.value.record.request.id == 1
    assert text.code == Code.INVALID
    assert stored_as(bench, "r") == 0


def test_a_ref_that_opened_without_a_text_is_known_after_a_restart(location: Path) -> None:
    with StoreBench(location) as before:
        before.do(opens("ada"))
        before.do(opens("ada", None, "r"))
    with StoreBench(location) as after:
        assert after.write(says("ada", "Help", "r")).code == Code.INVALID
        assert after.write(says("ada", "Help", "s")).value.own is not None
