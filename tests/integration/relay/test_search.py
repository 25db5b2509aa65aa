"""Full-text search: words in any script, never syntax; consistent with new and erased messages."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, Wire, number_of


async def hits(agent: Wire, text: str, **more: object) -> list[Frame]:
    found: list[Frame] = (await agent.ok("search", text=text, **more))["hits"]
    return found


SAID = {
    1: "Die Straße nach Zürich ist gesperrt",
    2: "Ma crème brûlée est froide",
    3: "再び注文が冷たいです。東京都から",
    4: 'He said "no" AND left (twice)* NEAR the end: a-b^2',
    5: "주문이 도착하지 않았습니다",
    6: "Где мой заказ №42?",
    7: "cafe\u0301 de\u0301ja\u0300 vu",
    8: "สินค้าอยู่ที่ไหน",
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("zurich", [1]),
        ("STRASSE nach", []),  # no spelling is guessed
        ("Straße zürich", [1]),
        ("creme brulee", [2]),
        ("BRÛLÉE crème", [2]),
        ("冷たい", [3]),
        ("京", [3]),
        ("東京都", [3]),
        ("京東", []),
        ("도착", [5]),
        ("заказ", [6]),
        ("42", [6]),
        ("café", [7]),
        ("deja VU", [7]),
        ("อยู่", [8]),
        ('"no"', [4]),
        ("no AND left", [4]),
        ("NEAR", [4]),
        ("no OR nothing", []),
        ("twice*", [4]),
        ("(twice", [4]),
        ("words:no", []),
        ("a-b^2", [4]),
        ('- * ^ : ( "', []),
        ("nothing", []),
        ("Hello", [8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
async def test_words_are_found_in_every_script_and_nothing_is_syntax(
    searched: Wire, asked: str, found: list[int]
) -> None:
    assert [hit["request"] for hit in await hits(searched, asked)] == found
    listed = await searched.ok("list", filter={"text": asked})
    assert [request["id"] for request in listed["requests"]] == found


@pytest.fixture
async def searched(start: Start) -> AsyncIterator[Wire]:
    """An agent at a desk where all that was said."""
    async with start(greeting="Hello", **FREE) as desk:
        for text in SAID.values():
            await desk.asker(text=text)
        yield await desk.agent("Sam")


async def test_a_hit_says_where_and_shows_the_place(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customer = await desk.asker(name="Ada Lovelace", email="ada@example.org")
    await customer.ok("send", text="x " * 200 + "the Gurkensalat is here " + "y " * 200)
    await sam.ok("note", request=1, text="a secret word")
    (hit,) = await hits(sam, "gurkensalat")
    assert (hit["request"], hit["seq"]) == (1, 3)
    assert "the Gurkensalat is here" in hit["snippet"]
    assert len(hit["snippet"]) <= 120
    assert hit["snippet"][0] == hit["snippet"][-1] == "…"
    assert [hit["seq"] for hit in await hits(sam, "secret")] == [4]
    for words in ("lovelace", "ada@example.org", "example Ada"):
        (hit,) = await hits(sam, words)
        assert (hit["request"], hit["seq"]) == (1, None)
        assert hit["snippet"] == "Ada Lovelace ada@example.org"


async def test_pages_follow_each_other_without_a_gap_or_a_double(start: Start) -> None:
    async with start(**FREE) as desk:
        sam = await desk.agent("Sam")
        for number in range(3):
            customer = await desk.asker(name="Parcel", text="parcel")
            for more in range(number):
                await customer.ok("send", text=f"parcel {more}")
        everything = await hits(sam, "parcel")
        assert len(everything) == 9
        for limit in (1, 2, 4, 8):
            cursor, pages = None, list[Frame]()
            while True:
                page = await sam.ok("search", text="parcel", cursor=cursor, limit=limit)
                pages += page["hits"]
                if (cursor := page["cursor"]) is None:
                    break
            assert pages == everything


async def test_a_new_name_is_found_and_the_old_one_is_not(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customer = await desk.asker(name="Ada", text="Help")
    await customer.ok("open", name="Grace")
    assert [hit["seq"] for hit in await hits(sam, "grace")] == [None]
    assert await hits(sam, "ada") == []


@pytest.mark.parametrize("way", ["forget", "purge"])
async def test_what_is_erased_is_found_no_more(start: Start, way: str) -> None:
    async with start(**FREE) as desk:
        root = await desk.control()
        stays = await desk.asker(name="Ada", text="the parcel")
        leaves = await desk.asker(name="Ada", text="the parcel")
        assert len(await hits(root, "parcel ada")) == 0
        assert len(await hits(root, "ada")) == len(await hits(root, "parcel")) == 2
        if way == "forget":
            await leaves.ok("forget")
        else:
            one = {"requests": [number_of(leaves)]}
            plan = (await root.ok("purge", dry_run=True, filter=one))["receipt"]["plan"]
            await root.send("purge", ref="p", dry_run=False, plan=plan)
            await root.receive(lambda it: it["type"] == "purged", "receipt")
        for words in ("ada", "parcel"):
            assert [hit["request"] for hit in await hits(root, words)] == [number_of(stays)]
        # An id is never given twice: what comes next is not found by what is gone.
        await stays.ok("send", text="another thing")
        assert len(await hits(root, "parcel")) == 1
