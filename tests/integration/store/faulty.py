"""Fault injection: disk failures within this process."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, create_engine

from relay.store.sqlite import engine

WRITER = "helpdesk writer"
Moment = Literal["before", "after"]


@dataclass
class Fault:
    """Fails the call number ``at`` of the writer's to the driver, before or after it is done."""

    moment: Moment
    at: int = 0
    calls: int = 0

    @contextmanager
    def around(self) -> Iterator[None]:
        """Run a call of the driver, or fail instead, or afterwards."""
        strikes = False
        if self.at and threading.current_thread().name == WRITER:
            self.calls += 1
            strikes = self.calls == self.at
        if not (strikes and self.moment == "before"):
            yield
        if strikes:
            raise sqlite3.OperationalError("disk I/O error")


def let_fail(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let *fault* stand between every store that is opened from now on and the driver."""

    class Cursor(sqlite3.Cursor):
        def execute(self, *arguments: Any) -> "Cursor":
            with fault.around():
                super().execute(*arguments)
            return self

        def executemany(self, *arguments: Any) -> "Cursor":
            with fault.around():
                super().executemany(*arguments)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            with fault.around():
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
