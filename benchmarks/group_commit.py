"""Measures group commit: messages per second with 1 and with 100 per transaction, in one run.

`python -m benchmarks.group_commit` prints both figures and their ratio, which is more reliable than
the figures: disk and machine load are the same for both. Every commit is synced, as in the relay.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from relay.desk.contact import Contact
from relay.desk.events import Millis
from relay.desk.request import Customer, Visit
from relay.service import use_cases
from relay.store.sqlite.database import open_database
from relay.store.sqlite.transaction import SqliteTransaction, WriterCache

ROUNDS, MESSAGES, CUSTOMERS = 5, 500, 50
TEXT = "How long does it take until the parcel is here? " * 3


def opened(engine: Engine, memory: WriterCache) -> None:
    """Let every customer open a request."""
    with engine.begin() as connection:
        transaction = SqliteTransaction(connection, memory)
        for number in range(CUSTOMERS):
            person = Customer(0, "default", f"key {number}", Contact(), verified=False)
            opening = use_cases.Opening(person, Visit(), Contact(), "Hello", None, "o", Millis(0))
            use_cases.open_request(transaction, opening)
        transaction.flush()


def seconds(engine: Engine, memory: WriterCache, batch: int, name: str) -> float:
    """Return how long MESSAGES take in transactions of *batch*."""
    began = time.perf_counter()
    for first in range(0, MESSAGES, batch):
        with engine.begin() as connection:
            transaction = SqliteTransaction(connection, memory)
            for number in range(first, first + batch):
                words = use_cases.CustomerText(TEXT, f"{name} {number}", Millis(number))
                use_cases.customer_send(transaction, f"key {number % CUSTOMERS}", None, words)
            transaction.flush()
    return time.perf_counter() - began


def main() -> None:
    """Take turns, so that noise hits both."""
    taken: dict[int, list[float]] = {1: [], 100: []}
    with TemporaryDirectory(prefix="helpdesk-benchmark-") as folder:
        database = open_database(Path(folder) / "desk.db")
        memory = WriterCache()
        opened(database.engine, memory)
        for number in range(ROUNDS):
            for batch, times in taken.items():
                times.append(seconds(database.engine, memory, batch, f"{number} {batch}"))
        database.close()
    for batch, times in taken.items():
        print(f"{batch:4} a transaction: {MESSAGES / median(times):8.0f} messages a second")
    print(f"ratio: {median(taken[1]) / median(taken[100]):.1f}")


if __name__ == "__main__":
    main()
