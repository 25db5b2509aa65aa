"""Compares the store with the frames that all clients received. Only reads the file."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.transcript import Breach, Line, Transcript

Transcripts = dict[int, dict[int, Line]]
Found = Iterator[tuple[Breach, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A stored message. ``customer_seq`` is None for what customers do not see."""

    request: int
    seq: int
    customer_seq: int | None
    line: Line
    ref: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages of a run; ``breaches`` says each that is not as it must be."""

    acknowledged: int
    breaches: list[tuple[Breach, str]]

    def count(self, breach: Breach) -> int:
        """Return how often *breach* happened."""
        return sum(kind is breach for kind, _ in self.breaches)


def rows_of(database: Path) -> list[Row]:
    """Return all stored messages, in the order in which they were stored."""
    query = """SELECT request_id, seq, customer_seq, kind, coalesce(activity, text), by_role, ref
               FROM message ORDER BY id"""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = file.execute(query)
        return [Row(of, seq, seen, Line(*line), ref) for of, seq, seen, *line, ref in found]


def judged(
    database: Path, customers: Sequence[Transcript], agents: Sequence[Transcript]
) -> list[tuple[Breach, str]]:
    """Return every breach: those on the connections, and where the store is not what was told."""
    rows = rows_of(database)
    theirs, ours = _transcripts(rows)
    order = {row.ref: (row.request, place) for place, row in enumerate(rows)}
    breaches = [breach for transcript in (*customers, *agents) for breach in transcript.breaches]
    for shown, stored in ((customers, theirs), (agents, ours)):
        breaches += _sequences(stored)
        for transcript in shown:
            breaches += _same_transcript(transcript, stored)
            breaches += _acknowledged(transcript, stored)
            breaches += _in_the_order_said(transcript, order)
    breaches += _once(rows)
    return breaches


def _transcripts(rows: Sequence[Row]) -> tuple[Transcripts, Transcripts]:
    theirs: Transcripts = defaultdict(dict)
    ours: Transcripts = defaultdict(dict)
    for row in rows:
        ours[row.request][row.seq] = row.line
        if row.customer_seq is not None:
            theirs[row.request][row.customer_seq] = row.line
    return theirs, ours


def _sequences(stored: Transcripts) -> Found:
    for request, lines in stored.items():
        if list(lines) != list(range(1, len(lines) + 1)):
            yield Breach.DISORDERED, f"the numbers of #{request} are not 1, 2, 3 …"


def _same_transcript(transcript: Transcript, stored: Transcripts) -> Found:
    for request, shown in transcript.messages.items():
        kept = stored.get(request, {})
        for seq in kept.keys() | shown.keys():
            if kept.get(seq) != shown.get(seq):
                what = f"#{request} {seq}: shown {shown.get(seq)}, stored {kept.get(seq)}"
                yield Breach.LOST, f"{transcript.owner}: {what}"


def _acknowledged(transcript: Transcript, stored: Transcripts) -> Found:
    for ref, place in transcript.acknowledged.items():
        line = stored.get(place.request, {}).get(place.seq)
        if line is None or line.says != ref:
            yield Breach.LOST, f"{transcript.owner}: {ref} is not at {place}, but {line}"
    for request, seq in transcript.confirmed.items():
        if seq not in stored.get(request, {}):
            yield Breach.LOST, f"{transcript.owner}: what an `ok` said of #{request} up to {seq}"


def _in_the_order_said(transcript: Transcript, order: dict[str | None, tuple[int, int]]) -> Found:
    """*order* has the request and the place in the store of each ``ref``."""
    latest: dict[int, int] = {}
    for ref in transcript.said:
        if ref in order:
            request, place = order[ref]
            if place < latest.get(request, -1):
                yield Breach.DISORDERED, f"{transcript.owner}: {ref} is stored too early"
            latest[request] = place


def _once(rows: Sequence[Row]) -> Found:
    said = Counter(row.line.says for row in rows if row.ref and row.line.kind != "activity")
    for says, times in said.items():
        if times > 1:
            yield Breach.DOUBLED, f"{says} is stored {times} times"
