"""How long the command takes: `helpdesk --help`, and an export of a million messages.

`python -m benchmarks.commands [MESSAGES]` prints seconds and, for the exports, the peak of memory.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory

from relay.store.opening import open_database

PROGRAM = str(Path(sys.executable).with_name("helpdesk"))
A_REQUEST = 10
"""Messages."""
TEXT = "How long does it take until the parcel is here? "
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :requests)
INSERT INTO {table} SELECT {columns} FROM n
"""
ROWS = {
    "customer (id, site, key, name, verified, created_at)": (
        "i, 'default', 'key ' || i, 'Ada', 0, i"
    ),
    "help_request (id, site, customer_id, status, opened_at, closed_at, seq, customer_seq, tags,"
    " customer_read_seq, customer_read_customer_seq, agent_read_seq, agent_read_customer_seq)": (
        f"i, 'default', i, 'closed', i, i, {A_REQUEST}, {A_REQUEST}, '[]', 0, 0, 0, 0"
    ),
}
MESSAGE = (
    "message (request_id, seq, customer_seq, kind, text, by_role, by_id, by_name, ref, at)",
    f"i, :seq, :seq, 'text', '{TEXT * 2}', 'customer', i, 'Ada', 'ref-' || :seq, i",
)


def fill(database: Path, messages: int) -> None:
    """Make *database* a desk with *messages* messages."""
    lock, engine = open_database(database)
    engine.dispose()
    lock.release()
    requests = {"requests": messages // A_REQUEST}
    with closing(sqlite3.connect(database)) as file, file:
        for table, columns in ROWS.items():
            file.execute(FILL.format(table=table, columns=columns), requests)
        for seq in range(1, A_REQUEST + 1):
            table, columns = MESSAGE
            file.execute(FILL.format(table=table, columns=columns), requests | {"seq": seq})


def run(*arguments: str) -> tuple[float, float]:
    """Run `helpdesk`; return the seconds it took and the MiB it had at its peak."""
    began = time.perf_counter()
    process = Popen([PROGRAM, *arguments], stdout=DEVNULL, stderr=DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"helpdesk {' '.join(arguments)} failed")
    return time.perf_counter() - began, used.ru_maxrss / 1024


def middle(measure: Callable[[], float], rounds: int = 11) -> float:
    """Return the median of *rounds* measurements."""
    return median(measure() for _ in range(rounds))


def main(messages: int) -> None:
    """Print the figures."""
    print(f"helpdesk --help: {middle(lambda: run('--help')[0]) * 1000:.0f} ms (median of 11)")
    with TemporaryDirectory(prefix="helpdesk-benchmark-") as folder:
        database = Path(folder) / "desk.db"
        fill(database, messages)
        for form in ("jsonl", "csv", "html"):
            target = Path(folder) / f"out.{form}"
            seconds, peak = run(
                "export", "--database", str(database), "--format", form, "-o", str(target)
            )
            size = target.stat().st_size / 2**20
            print(
                f"export of {messages:,} messages as {form}: {seconds:.1f} s, {peak:.0f} MiB "
                f"of memory, a file of {size:.0f} MiB"
            )
            target.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
