"""A request that goes over to another customer takes its texts and refs along."""

from pathlib import Path

from relay.desk.contact import Contact
from relay.desk.events import Author, Role
from relay.desk.request import Customer
from relay.errors import Code
from relay.service import use_cases
from relay.store.api import Transaction
from tests.contract.store.actions import closes, log, now, opens, says
from tests.contract.store.harness import StoreBench

VERIFIED = Customer(0, "default", "verified", Contact(), verified=True)


def signs_in(transaction: Transaction) -> tuple[use_cases.Change, ...]:
    """Sign the customer with the key `ada` in as the verified one."""
    return use_cases.sign_in(transaction, use_cases.SigningIn("ada", VERIFIED, now(), keep=True))


def test_refs_are_known_afterwards_in_the_same_batch_and_after_a_restart(location: Path) -> None:
    with StoreBench(location) as bench:
        bench.do(opens("ada", None, "o"))
        bench.do(opens("ada", None, "bare"))
        with bench.busy():
            first = bench.submit(says("ada", "Help", "r"))
            moved = bench.submit(signs_in)
            again = bench.submit(says("verified", "Help", "r"))
        bench.settle(first, moved, again)
        assert again.value.messages == ()
        assert bench.do(opens("verified", None, "bare")).record.request.id == 1
    with StoreBench(location) as after:
        assert after.do(says("verified", "Help", "r")).messages == ()
        assert after.do(opens("verified", None, "bare")).record.request.id == 1
        assert after.write(says("verified", "Else", "bare")).code == Code.INVALID
        assert after.do(opens("ada", "Anew", "r")).record.request.id == 2


def test_a_ref_that_both_have_used_stays_with_the_first_message(bench: StoreBench) -> None:
    bench.do(opens("verified", "mine", "o"))
    bench.do(closes("verified"))
    bench.do(opens("verified", None, "o2"))
    bench.do(opens("ada", "hers", "o"))
    changes = bench.do(signs_in)
    assert [change.record.request.id for change in changes] == [2, 2, 3]
    assert bench.write(opens("verified", "hers", "o")).code == Code.INVALID
    assert [text for _, text, _ in bench.messages()].count("hers") == 1


def test_the_former_customer_is_gone_and_all_is_written_by_the_other(bench: StoreBench) -> None:
    bench.do(opens("ada", "Help", "o", name="Ada"))
    (change,) = bench.do(signs_in)
    person = change.record.customer
    assert (person.key, person.verified, person.contact.name) == ("verified", True, "Ada")
    assert bench.do(lambda transaction: transaction.people.customer("ada")) is None
    assert bench.read(lambda queries: len(queries.search("Ada", None, 9).hits)).value == 1
    authors = {message.by for message in bench.do(log(1)).messages} - {Author(Role.DESK, 0, None)}
    assert {by.id for by in authors} == {person.id}
