"""A reader at its place among the writes misses nothing and sees nothing twice."""

from relay.desk.events import Role
from relay.service.use_cases import Change
from relay.store.api import Transaction
from relay.store.values import MessageRange
from tests.contract.store.actions import opens, says
from tests.contract.store.harness import Callback, StoreBench


def test_who_watches_from_a_read_in_order_has_each_message_once(bench: StoreBench) -> None:
    bench.do(opens("ada"))
    published: list[int] = []

    def publish(told: Callback[Change]) -> None:
        published.extend(message.seq for message in told.value.messages)

    def log(transaction: Transaction) -> list[int]:
        page = transaction.messages(1, MessageRange(Role.AGENT))
        return [message.seq for message in page.messages]

    readers: list[Callback[list[int]]] = []
    writers: list[Callback[Change]] = []
    with bench.busy():
        for number in range(30):
            writers.append(bench.submit(says("ada", f"line {number}", f"r{number}")))
            if number % 5 == 0:
                readers.append(bench.submit(log, writes=False))
    bench.settle(*writers, *readers)
    for reader in readers:
        later = bench.order[bench.order.index(reader) :]
        published.clear()
        for told in later:
            if told in writers:
                publish(told)
        assert reader.value + published == list(range(1, 33))


def test_a_job_in_order_that_only_reads_sees_what_the_job_before_it_wrote(
    bench: StoreBench,
) -> None:
    with bench.busy():
        opened = bench.submit(opens("ada", "Help"))
        first = bench.submit(lambda transaction: transaction.record(1), writes=False)
        said = bench.submit(says("ada", "More", "ref"))
        second = bench.submit(lambda transaction: transaction.record(1), writes=False)
    bench.settle(opened, first, said, second)
    assert bench.order == [opened, first, said, second]
    assert [told.value and told.value.request.seq for told in (first, second)] == [3, 4]
