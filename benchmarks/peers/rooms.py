"""Shared code of the Python peers: rooms of two, and their texts on SQLite."""

import json
import sqlite3
import time
from collections import defaultdict
from typing import Generic, TypeVar

Socket = TypeVar("Socket")

SCHEMA = (
    "CREATE TABLE message "
    "(id INTEGER PRIMARY KEY, room INTEGER, seq INTEGER, ref TEXT, text TEXT, at INTEGER)",
    "CREATE UNIQUE INDEX message_room_seq ON message (room, seq)",
)
INSERT = "INSERT INTO message (room, seq, ref, text, at) VALUES (?, ?, ?, ?, ?)"
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")


class Rooms(Generic[Socket]):
    """Who is in which room, and its last number."""

    def __init__(self) -> None:
        """Nobody is anywhere."""
        self.members: defaultdict[int, list[Socket]] = defaultdict(list)
        self._seqs: defaultdict[int, int] = defaultdict(int)

    def next(self, room: int) -> int:
        """Give out the next number of *room*."""
        self._seqs[room] += 1
        return self._seqs[room]

    def others(self, room: int, socket: Socket) -> list[Socket]:
        """Return who hears what *socket* says in *room*."""
        return [other for other in self.members[room] if other is not socket]


def open_log(path: str) -> sqlite3.Connection:
    """Return a connection that syncs every commit, to a log with nothing in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (*PRAGMAS, *SCHEMA):
        connection.execute(statement)
    return connection


def row(room: int, seq: int, frame: dict[str, str]) -> tuple[int, int, str, str, int]:
    """Return *frame* as INSERT takes it."""
    return (room, seq, frame["ref"], frame["text"], time.time_ns() // 1_000_000)


def compact(frame: dict[str, object]) -> str:
    """Return *frame* as JSON without blanks, as the other peers write it."""
    return json.dumps(frame, separators=(",", ":"))
