"""Filters: each field, alone and combined, for reading and for deleting."""

from typing import Any

import pytest

from tests.integration.relay.helpers import Desk, Wire

PAST, FUTURE = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
MATCHES: dict[str, Any] = {
    "status": "closed",
    "agent": 1,
    "customer": "Ada",
    "site": "default",
    "tag": "billing",
    "since": PAST,
    "until": FUTURE,
    "closed_before": FUTURE,
    "text": "order late",
    "requests": [1],
}
"""For each field what request 1 fulfils."""
MISSES: dict[str, Any] = {
    "status": "waiting",
    "agent": 2,
    "customer": "Eve",
    "site": "shop",
    "tag": "other",
    "since": FUTURE,
    "until": PAST,
    "closed_before": PAST,
    "text": "order early",
    "requests": [2],
}


async def furnished(desk: Desk) -> Wire:
    """Return the desk itself, which has one closed request that was said much in."""
    sam = await desk.agent("Sam")
    customer = await desk.asker(name="Ada", text="My order is late")
    await sam.ok("claim", request=1)
    await sam.ok("tag", request=1, add=["billing"])
    await customer.ok("close")
    return await desk.control()


async def listed(root: Wire, wanted: dict[str, Any]) -> int:
    return len((await root.ok("list", filter=wanted))["requests"])


async def planned(root: Wire, wanted: dict[str, Any]) -> int:
    receipt = (await root.ok("purge", dry_run=True, filter=wanted))["receipt"]
    assert (receipt["messages"] > 0) == (receipt["requests"] > 0)
    number: int = receipt["requests"]
    return number


@pytest.mark.parametrize("counted", [listed, planned], ids=["list", "purge"])
async def test_each_field_narrows_alone_and_with_all_the_others(desk: Desk, counted: Any) -> None:
    root = await furnished(desk)
    for field, value in MATCHES.items():
        assert await counted(root, {field: value}) == 1, field
        assert await counted(root, {field: MISSES[field]}) == 0, field
        assert await counted(root, MATCHES | {field: MISSES[field]}) == 0, field
    assert await counted(root, MATCHES) == 1


@pytest.mark.parametrize("counted", [listed, planned], ids=["list", "purge"])
async def test_the_newest_are_those_of_what_the_other_fields_leave(
    desk: Desk, counted: Any
) -> None:
    root = await furnished(desk)
    for text in ("An order too", "And another thing"):
        await desk.asker(text=text)
    assert [await counted(root, {"newest": most}) for most in (1, 2, 9)] == [1, 2, 3]
    assert await counted(root, {"newest": 2, "text": "order late"}) == 1
    found = (await root.ok("list", filter={"newest": 1, "text": "order"}))["requests"]
    assert [it["id"] for it in found] == [2]


async def test_a_purge_by_words_deletes_what_they_are_in(desk: Desk) -> None:
    root, sam = await furnished(desk), await desk.agent("Kim")
    other = await desk.asker(text="Something else")
    plan = (await root.ok("purge", dry_run=True, filter={"text": "order"}))["receipt"]["plan"]
    await root.send("purge", ref="p", dry_run=False, plan=plan)
    await root.receive(lambda it: it["type"] == "purged", "receipt")
    assert [it["id"] for it in (await sam.ok("list"))["requests"]] == [2]
    assert (await other.ok("send", text="still here"))["seq"] == 4
