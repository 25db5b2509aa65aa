"""A damaged database: writes are refused and nothing is made worse; it stays so until repaired."""

from pathlib import Path

from relay.errors import Code
from relay.store.values import RequestFilter
from tests.contract.store.actions import add_agents, opens
from tests.contract.store.backend import Backend
from tests.contract.store.harness import StoreBench


def test_damage_that_a_query_finds_ends_all_writes(backend: Backend, location: Path) -> None:
    with StoreBench(location) as bench:
        bench.do(opens("ada", "Help"))
    with backend.damaging(location) as damage, StoreBench(location) as bench:
        damage()
        told = bench.read(lambda queries: queries.events_after(0, RequestFilter()))
        assert told.code == Code.UNAVAILABLE
        assert bench.store.problem is not None
        assert bench.write(add_agents).code == Code.UNAVAILABLE
