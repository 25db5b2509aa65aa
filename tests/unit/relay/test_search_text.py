"""Texts as words: for the index, for queries, and for snippets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.sanitize import SNIPPET_LIMIT
from relay.store.sqlite.search_text import WORD_LIMIT, indexable, match_expression, snippet
from tests.unit.relay.search import few


@pytest.mark.parametrize(
    ("text", "given_"),
    [
        ("plain words", "plain words"),
        ("冷たい tea", " 冷  た  い  tea"),
        ("\uff21\uff22\uff23\uff11\uff12", "ABC12"),
        ("№42", "№42"),
        ("cafe\u0301", "café"),
    ],
)
def test_scripts_without_spaces_are_indexed_sign_by_sign(text: str, given_: str) -> None:
    assert indexable(text) == given_


@pytest.mark.parametrize(
    ("asked", "question_"),
    [
        ("two words", '"two" "words"'),
        ('a"b', '"a b"'),
        ("AND NOT * ^", '"AND" "NOT"'),
        ("  ", None),
        ('" - (', None),
    ],
)
def test_each_word_of_a_question_is_quoted(asked: str, question_: str | None) -> None:
    assert match_expression(asked) == question_


def test_a_question_has_an_end() -> None:
    assert (match_expression("word " * 100) or "").count('"word"') == WORD_LIMIT


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("short", "nothing", "short"),
        ("two\n\n lines", "lines", "two lines"),
        ("x" * 121, "nothing", "x" * 119 + "…"),
        ("é" * 200 + " Brûlée", "brulee", "…" + "é" * 112 + " Brûlée"),
    ],
)
def test_a_snippet_shows_the_place(text: str, asked: str, shown: str) -> None:
    assert snippet(text, asked) == shown


@given(st.text(max_size=12), st.text(max_size=4))
@few
def test_a_snippet_is_short_whatever_the_text(text: str, asked: str) -> None:
    assert len(snippet(text * 30, asked)) <= SNIPPET_LIMIT
    match_expression(asked)


@pytest.mark.parametrize("place", range(0, 301, 10))
def test_a_word_that_is_there_is_in_the_snippet(place: int) -> None:
    text = "abc dé É" * 40
    assert "Wörd" in snippet(f"{text[:place]} Wörd {text[place:]}", "word")
