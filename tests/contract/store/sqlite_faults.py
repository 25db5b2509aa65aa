"""Fault injection: disk failures within this process."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from relay.store.sqlite import engine
from tests.contract.store.backend import Fault

WRITER = "helpdesk writer"


@contextmanager
def _around(fault: Fault) -> Iterator[None]:
    """Run a call of the driver, or fail instead, or afterwards."""
    strikes = False
    if fault.at and threading.current_thread().name == WRITER:
        fault.calls += 1
        strikes = fault.calls == fault.at
    if not (strikes and fault.moment == "before"):
        yield
    if strikes:
        raise sqlite3.OperationalError("disk I/O error")


def let_fail(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let *fault* stand between every store that is opened from now on and the driver."""

    class Cursor(sqlite3.Cursor):
        def execute(self, *arguments: Any) -> "Cursor":
            with _around(fault):
                super().execute(*arguments)
            return self

        def executemany(self, *arguments: Any) -> "Cursor":
            with _around(fault):
                super().executemany(*arguments)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            with _around(fault):
                super().commit()

    def faulty_engine(*arguments: Any, connect_args: dict[str, Any], **more: Any) -> Engine:
        return create_engine(
            *arguments, connect_args=connect_args | {"factory": Connection}, **more
        )

    monkeypatch.setattr(engine, "create_engine", faulty_engine)


def writer_pragmas(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the pragmas of every writer from now on; a change counts from its next connection."""
    pragmas = list(engine.WRITER_PRAGMAS)
    monkeypatch.setattr(engine, "WRITER_PRAGMAS", pragmas)
    return pragmas
