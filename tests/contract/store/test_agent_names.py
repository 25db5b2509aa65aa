"""Names of agents are taken without regard to case; desks that have two such names go on."""

import pytest
from msgspec.structs import replace

from relay.desk.events import Millis
from relay.desk.request import Agent
from relay.errors import Code, Refused
from relay.store.api import Transaction
from tests.contract.store.harness import StoreBench


def test_a_name_is_taken_in_any_spelling(bench: StoreBench) -> None:
    def add(transaction: Transaction) -> Agent:
        people = transaction.people
        kim = people.add_agent("Zoë", "agent", "h1", Millis(1))
        people.add_agent("Sam", "agent", "h2", Millis(1))
        for name in ("ZOË", "zoe\N{COMBINING DIAERESIS}"):
            with pytest.raises(Refused) as refused:
                people.add_agent(name, "agent", "h3", Millis(2))
            assert refused.value.code is Code.CONFLICT
        with pytest.raises(Refused):
            people.change_agent(replace(kim, name="sam"))
        people.change_agent(replace(kim, name="ZOË"))
        return people.agent(kim.id)

    assert bench.do(add).name == "ZOË"
