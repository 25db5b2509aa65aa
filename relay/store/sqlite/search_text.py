"""Text of the full-text index: tokens, snippets, and matching of messages not indexed yet."""

import re
import sqlite3
import unicodedata
from contextlib import closing
from json import dumps

from relay.sanitize import SNIPPET_LIMIT
from relay.store.sqlite.schema import SEARCH

WORD_LIMIT = 32
"""Words of one search; others are ignored."""
SNIPPET_LEAD = 30
"""Characters of a snippet before the match."""

# Thai to Myanmar, Khmer, kana and CJK, Hangul: written without spaces, indexed per character.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)

# Half and full width forms; NFKC on all text would turn signs like № into words.
_WIDE = re.compile("[\uff00-\uffef]+")


def indexable(text: str) -> str:
    """Return *text* as it is given to the tokenizer."""
    if text.isascii():
        return text
    narrow = _WIDE.sub(lambda wide: unicodedata.normalize("NFKC", wide[0]), text)
    return _UNSPACED.sub(r" \g<0> ", unicodedata.normalize("NFC", narrow))


def match_expression(text: str) -> str | None:
    """Return the FTS5 expression that matches all words of *text*; None if it has none.

    Each word is quoted, so it contains no syntax; one that the tokenizer splits is a phrase.
    """
    words = [indexable(word).replace('"', " ") for word in text.split()]
    phrases = [f'"{word}"' for word in words if any(sign.isalnum() for sign in word)]
    return " ".join(phrases[:WORD_LIMIT]) or None


def snippet(text: str, asked: str) -> str:
    """Return up to 120 characters of *text* around the first of the words *asked*.

    Without a literal match, since accents may differ, it is the beginning.
    """
    line = " ".join(text.split())
    if len(line) <= SNIPPET_LIMIT:
        return line
    folded = _folded(line)
    wanted = (word for part in asked.split() for word in re.findall(r"\w+", _folded(part)))
    places = [place for word in wanted if (place := folded.find(word)) >= 0]
    start = max(0, min(places, default=0) - SNIPPET_LEAD)
    start = min(start, len(line) - SNIPPET_LIMIT + 1) if start else 0
    room = SNIPPET_LIMIT - (start > 0)
    cut = line[start : start + room]
    if start + room < len(line):
        cut = cut[:-1] + "…"
    return "…" + cut if start else cut


def _folded(text: str) -> str:
    """Return *text* without case and accents, character for character: positions are the same."""
    return "".join(
        (unicodedata.normalize("NFKD", sign)[:1] or sign).lower()[:1] or sign for sign in text
    )


class MatchingIds:
    """SQL's aggregate ``matching_ids(id, text, expression)``: a JSON list of the ids that match."""

    def __init__(self) -> None:
        """Begin without texts."""
        self._texts: list[tuple[int, str]] = []
        self._asked = ""

    def step(self, number: int, text: str, asked: str) -> None:
        """Add one text; *asked* is the same expression for all."""
        self._texts.append((number, indexable(text)))
        self._asked = asked

    def finalize(self) -> str:
        """Match all texts in an index in memory."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
            memory.execute(SEARCH)
            memory.execute("BEGIN")
            memory.executemany("INSERT INTO search (rowid, words) VALUES (?, ?)", self._texts)
            match = "SELECT rowid FROM search WHERE search MATCH ?"
            return dumps([number for (number,) in memory.execute(match, (self._asked,))])
