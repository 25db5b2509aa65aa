"""Query plans: every query per message uses an index."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from relay.desk.events import DESK, Author, Role
from relay.store.sqlite.database import open_database
from relay.store.sqlite.transaction import SqliteTransaction, WriterCache

AUTHORS = [Author(Role.CUSTOMER, 1, None), Author(Role.AGENT, 1, "Sam"), DESK]


@pytest.mark.parametrize("author", AUTHORS, ids=lambda author: author.role.value)
def test_a_ref_is_found_by_an_index(tmp_path: Path, author: Author) -> None:
    opened = open_database(tmp_path / "desk.db")
    asked: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(opened.engine, "before_cursor_execute")
    def note(
        _c: Connection, _cursor: object, sql: str, values: tuple[object, ...], *_: object
    ) -> None:
        if sql.startswith("SELECT"):
            asked.append((sql, values))

    with opened.engine.begin() as connection:
        assert SqliteTransaction(connection, WriterCache()).find_ref(1, author, "ref") is None
        [(sql, values)] = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    opened.close()
    side = "customer" if author.role is Role.CUSTOMER else "agent"
    assert [step[3].partition(" (")[0] for step in plan] == [
        f"SEARCH message USING INDEX uq_message_{side}_ref"
    ]
