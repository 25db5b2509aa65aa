"""Queries for requests: what is a condition, what is a word, and what is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from relay.desk.request_query import QueryError, RequestQuery, is_called, parse_query

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_words_and_conditions_are_told_apart_in_any_order_and_case() -> None:
    found = parse_query("Lamp IS:Mine tag:Billing by:Kim dark site:Shop before:7d", NOW, UTC)
    assert found == RequestQuery(
        words=("lamp", "dark"),
        is_=frozenset({"mine"}),
        tags=("billing",),
        sites=("Shop",),
        by=("kim",),
        before=NOW - timedelta(days=7),
    )
    assert found.has_conditions


@pytest.mark.parametrize("text", ["", "lamp", "https://x.example is: mail:ada", "basis:mine"])
def test_what_begins_with_no_condition_is_words(text: str) -> None:
    assert parse_query(text, NOW) == RequestQuery(words=tuple(text.split()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("is:lost", "is:lost is none of is:waiting, is:active, is:closed, is:mine, is:new"),
        ("before:soon", "before:soon is no time"),
        ("before:999999w", "before:999999w is no time"),
    ],
)
def test_a_condition_that_cannot_be_is_told(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse_query(f"lamp {text}", NOW)


def test_the_earliest_of_several_times_counts() -> None:
    assert parse_query("before:2026-01-02 before:2026-01-01", NOW, UTC).before == datetime(
        2026, 1, 1, tzinfo=UTC
    )


def test_an_agent_is_meant_by_the_beginning_of_their_name() -> None:
    assert is_called("kim", "Kim Lee")
    assert is_called("KIMLEE", "Kim Lee")
    assert not is_called("lee", "Kim Lee")
