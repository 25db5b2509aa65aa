"""Which of some texts say what is asked: those that wait for the full-text index.

The same tokenizer tells it, over a table in memory: nobody sees a difference between a text that
waits and one that is in the index. Nothing of it is ever in a file.
"""

import sqlite3
from contextlib import closing
from json import dumps

from relay.store.schema import SEARCH
from relay.store.words import indexable


class ThoseSaying:
    """SQL's ``those_saying(id, text, asked)``, over rows: a JSON list of the ids that match."""

    def __init__(self) -> None:
        """Know no texts yet."""
        self._texts: list[tuple[int, str]] = []
        self._asked = ""

    def step(self, number: int, text: str, asked: str) -> None:
        """Take one text; *asked* is one question for all."""
        self._texts.append((number, indexable(text)))
        self._asked = asked

    def finalize(self) -> str:
        """Ask."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
            memory.execute(SEARCH)
            memory.execute("BEGIN")
            memory.executemany("INSERT INTO search (rowid, words) VALUES (?, ?)", self._texts)
            match = "SELECT rowid FROM search WHERE search MATCH ?"
            return dumps([number for (number,) in memory.execute(match, (self._asked,))])
