"""Generated days at the desk: retries in any order, batches, restarts, a real file.

A simple model knows what was answered to which ref, and how long each log is. It holds promises 2
and 3 of the protocol to the store: nothing twice, the first answer again, both numbers dense.
"""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from relay.desk import commands
from relay.desk.events import Role
from relay.desk.request import HelpRequest, apply
from relay.errors import Code, Refused
from relay.service.use_cases import Change
from relay.store.api import Transaction
from relay.store.values import MessageRange, RequestFilter
from tests.contract.store.actions import (
    Work,
    add_agents,
    agent_does,
    agent_says,
    closes,
    opens,
    says,
)
from tests.contract.store.backend import Backend
from tests.contract.store.harness import Callback, StoreBench

LONG = settings.get_current_profile_name() == "long"

keys = st.sampled_from(["ada", "bob"])
agents = st.sampled_from([1, 2])
numbers = st.integers(1, 4)
refs = st.sampled_from(["r1", "r2", "r3", "r4", "r5", "r6"])
texts = st.sampled_from(["Hello", "Help", "😀"])
doings: list[commands.Command] = [
    commands.Claim(),
    commands.Release(),
    commands.Transfer(2, "Kim", "Yours"),
    commands.Close(),
    commands.Reopen(other_open=False),
    commands.Tag(frozenset({"vip"}), frozenset({"new"})),
    commands.Tag(frozenset({"new"}), frozenset()),
]


@dataclass(frozen=True)
class Asked:
    """Something with a ref: who is it unique for, and what was said."""

    whose: tuple[Any, ...]
    said: tuple[str, str | None]
    work: Work


customers_texts = st.builds(
    lambda key, text, ref: Asked((key, ref), ("text", text), says(key, text, ref)),
    keys,
    texts,
    refs,
)
openings = st.builds(
    lambda key, text, ref: Asked((key, ref), ("open", text), opens(key, text, ref)),
    keys,
    texts,
    refs,
)
bare_openings = st.builds(
    lambda key, ref: Asked((key, ref), ("open", None), opens(key, None, ref)),
    keys,
    st.sampled_from(["o1", "o2", "o3"]),
)
agents_texts = st.builds(
    lambda who, number, text, ref: Asked(
        (who, number, ref), ("text", text), agent_says(who, number, commands.Send(text), ref)
    ),
    agents,
    numbers,
    texts,
    refs,
)
notes = st.builds(
    lambda who, number, text, ref: Asked(
        (who, number, ref), ("note", text), agent_says(who, number, commands.Note(text), ref)
    ),
    agents,
    numbers,
    texts,
    refs,
)
asked = st.one_of(openings, bare_openings, customers_texts, agents_texts, notes)


class Day(RuleBasedStateMachine):
    """One day, on a copy of an empty database."""

    backend: Backend
    template: Path
    parent: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.parent))
        self.database = self.backend.copy(self.template, self.folder)
        self.bench = StoreBench(self.database)
        self.answered: dict[tuple[Any, ...], tuple[Asked, Change]] = {}
        self.lengths = Counter[int]()

    def teardown(self) -> None:
        self.bench.store.close()
        shutil.rmtree(self.folder)

    @rule(what=st.lists(asked, min_size=1, max_size=6))
    def ask(self, what: list[Asked]) -> None:
        """Say several things, all in one batch."""
        with self.bench.busy():
            jobs = [self.bench.submit(each.work) for each in what]
        self.bench.settle(*jobs)
        for each, job in zip(what, jobs, strict=True):
            self.check(each, job)

    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """Retry what was answered, in any order and any number of times."""
        if self.answered:
            again = data.draw(st.lists(st.sampled_from([*self.answered.values()]), max_size=5))
            self.ask([each for each, _ in again])

    def check(self, each: Asked, job: Callback[Change]) -> None:
        """Hold an outcome against what was answered to that ref before."""
        before = self.answered.get(each.whose)
        if isinstance(job.outcome, Refused):
            if before is not None:
                assert each.said != before[0].said
                assert job.code == Code.INVALID
            else:
                assert job.code in {Code.CLOSED, Code.NOT_FOUND}
            return
        change = job.value
        if before is None:
            self.count(change)
            self.answered[each.whose] = (each, change)
            return
        first = before[1]
        if each.said == before[0].said:
            assert change.own == first.own
            assert change.record.request.id == first.record.request.id
        assert change.messages == ()

    @rule(who=agents, number=numbers, command=st.sampled_from(doings))
    def command(self, who: int, number: int, command: commands.Command) -> None:
        told = self.bench.write(agent_does(who, number, command))
        if not isinstance(told.outcome, Refused):
            self.count(told.value)

    @rule(key=keys)
    def close(self, key: str) -> None:
        told = self.bench.write(closes(key))
        if not isinstance(told.outcome, Refused):
            self.count(told.value)

    @rule()
    def restart(self) -> None:
        """Forget everything that is not on the disk."""
        self.bench.store.close()
        self.bench = StoreBench(self.database)

    def count(self, change: Change) -> None:
        self.lengths[change.record.request.id] += len(change.messages)

    @invariant()
    def the_log_adds_up_to_the_request(self) -> None:
        for number, record, log in self.bench.do(everything):
            blank = HelpRequest(number, "default", record.customer.id)
            assert reduce(apply, log, blank) == record.request
            assert [message.seq for message in log] == list(range(1, self.lengths[number] + 1))
            seen = [m.customer_seq for m in log if m.customer_seq is not None]
            assert seen == list(range(1, record.request.customer_seq + 1))
            assert len({(m.by.role, m.by.id, m.ref) for m in log if m.ref}) == sum(
                m.ref is not None for m in log
            )

    @invariant()
    def what_is_on_the_disk_is_what_the_writer_knows(self) -> None:
        known = [record for _, record, _ in self.bench.do(everything)]
        stored = self.bench.read(lambda it: it.requests(RequestFilter(), None, 200)).value.records
        assert stored[::-1] == known

    @invariant()
    def a_customer_has_one_open_request_at_most(self) -> None:
        stored = self.bench.read(lambda it: it.requests(RequestFilter(), None, 200)).value.records
        per_customer = Counter(it.customer.id for it in stored if it.request.is_open)
        assert set(per_customer.values()) <= {1}


def everything(transaction: Transaction) -> list[Any]:
    """Return each request as the writer knows it, with its log as it is stored."""
    found, number = [], 1
    while (record := transaction.record(number)) is not None:
        found.append(
            (number, record, transaction.messages(number, MessageRange(Role.AGENT)).messages)
        )
        number += 1
    return found


def test_no_day_at_the_desk_breaks_a_promise(
    backend: Backend, empty_database: Path, tmp_path: Path
) -> None:
    with_agents = backend.copy(empty_database, tmp_path)
    with StoreBench(with_agents) as bench:
        bench.do(add_agents)
    Day.backend, Day.template, Day.parent = backend, with_agents, tmp_path
    # A day is short enough to be read as it failed; to shorten it takes minutes.
    bounds = settings(
        max_examples=300 if LONG else 20,
        stateful_step_count=40 if LONG else 15,
        phases=tuple(Phase) if LONG else (Phase.generate,),
        derandomize=not LONG,
        database=None,
    )
    run_state_machine_as_test(Day, settings=bounds)
