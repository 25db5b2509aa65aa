"""The oracle of the tests under load: it sees what is lost, doubled or out of order."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import customer_of, served
from tests.reliability.oracle import judged
from tests.reliability.people import Customer
from tests.reliability.transcript import Breach, Frame, Hearing, Line, Place, Transcript

Row = tuple[int, int, str]
"""The number of a message on either side, and its ref, which is its text as well."""


def stored(database: Path, *rows: Row) -> Path:
    """Return a file that holds a customer's texts in request 1, as the relay would."""
    columns = "id INTEGER PRIMARY KEY, request_id, seq, customer_seq, kind, activity, text, by_role"
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(f"CREATE TABLE message ({columns}, ref)")
        file.executemany(
            "INSERT INTO message VALUES (NULL, 1, ?, ?, 'text', NULL, ?3, 'customer', ?3)", rows
        )
    return database


def message(seq: int, text: str) -> Frame:
    return {"seq": seq, "kind": "text", "text": text, "by": {"role": "customer"}}


def told(*texts: str) -> Transcript:
    """Return the transcript of a customer who said *texts* and was answered and shown them all."""
    transcript = Transcript("Ada", said=list(texts))
    hearing = Hearing(transcript)
    hearing.watch(1, [], after=0)
    for seq, text in enumerate(texts, 1):
        place = Place(1, seq)
        hearing.sent(text, place, Line("text", text, "customer"), retry=False)
    return transcript


def kinds(breaches: Sequence[tuple[Breach, str]]) -> set[Breach]:
    return {breach for breach, _ in breaches}


def test_it_finds_nothing_where_nothing_is_wrong(tmp_path: Path) -> None:
    database = stored(tmp_path / "desk.db", (1, 1, "a"), (2, 2, "b"))
    assert judged(database, [told("a", "b")], [told("a", "b")]) == []


@pytest.mark.parametrize(
    ("rows", "breach"),
    [
        ([(1, 1, "a")], Breach.LOST),
        ([(1, 1, "a"), (2, 2, "c")], Breach.LOST),
        ([(1, 1, "a"), (2, 2, "b"), (3, 3, "b")], Breach.DOUBLED),
        ([(1, 1, "a"), (3, 3, "b")], Breach.DISORDERED),
        ([(1, 1, "b"), (2, 2, "a")], Breach.DISORDERED),
    ],
)
def test_it_sees_what_the_store_has_lost_doubled_or_put_in_another_order(
    tmp_path: Path, rows: list[Row], breach: Breach
) -> None:
    database = stored(tmp_path / "desk.db", *rows)
    assert breach in kinds(judged(database, [told("a", "b")], []))


@pytest.mark.parametrize(
    ("came", "breach"),
    [
        ([(1, "a"), (1, "a")], Breach.DOUBLED),
        ([(1, "a"), (3, "c")], Breach.LOST),
        ([(2, "b"), (1, "a")], Breach.DISORDERED),
        ([(1, "a"), (2, "b"), (2, "c")], Breach.DISORDERED),
    ],
)
def test_it_sees_what_a_connection_showed_twice_never_or_too_late(
    came: list[tuple[int, str]], breach: Breach
) -> None:
    transcript = Transcript("Ada")
    hearing = Hearing(transcript)
    hearing.watch(1, [], after=0)
    for seq, text in came:
        hearing.shown(1, message(seq, text))
    assert breach in kinds(transcript.breaches)


def test_it_sees_a_retry_that_says_sent_and_sends_nothing() -> None:
    transcript = told("a")
    hearing = Hearing(transcript)
    hearing.watch(1, [], after=1)
    hearing.sent("b", Place(1, 1), Line("text", "b", "customer"), retry=True)
    assert kinds(transcript.breaches) == {Breach.LOST}


def test_it_sees_a_retry_that_is_stored_again() -> None:
    transcript = told("a")
    hearing = Hearing(transcript)
    hearing.watch(1, [], after=1)
    hearing.sent("a", Place(1, 2), Line("text", "a", "customer"), retry=True)
    assert kinds(transcript.breaches) == {Breach.DOUBLED}


def test_it_sees_an_ok_that_named_what_is_not_stored(tmp_path: Path) -> None:
    database = stored(tmp_path / "desk.db", (1, 1, "a"))
    sam = Transcript("Sam")
    sam.confirm(1, 2)
    assert kinds(judged(database, [], [sam])) == {Breach.LOST}


async def test_a_customer_who_missed_many_pages_hears_all_of_them_in_order(tmp_path: Path) -> None:
    async with served(tmp_path / "desk.db", **FREE) as relay:
        me = await customer_of(relay)
        request = (await me.ok("open"))["request"]["id"]
        ada = Customer("Ada", Random(7), lambda: None, me.welcome["token"])
        await ada.catch_up(relay.url)
        for number in range(260):
            await me.ok("send", request=request, text=f"text {number}")
        await ada.catch_up(relay.url)
        heard = ada.transcript.messages[request]
        [newest] = (await me.ok("history", before=9_999, limit=1))["messages"]
        assert list(heard) == list(range(1, newest["seq"] + 1))
        assert ada.transcript.breaches == []
        await me.socket.close()
