"""Event stream: all events, once, in order, across reconnects."""

from relay.store.values import EVENT_PAGE_SIZE
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, Wire, running, texts


async def events(follower: Wire, count: int) -> list[Frame]:
    """Return the next *count* events."""
    return [await follower.push("event") for _ in range(count)]


def said(found: list[Frame]) -> list[str]:
    return texts([event["message"] for event in found])


async def test_who_follows_hears_what_is_stored_from_then_on(desk: Desk) -> None:
    root, sam = await desk.control(), await desk.agent("Sam")
    before = await desk.asker(text="before")
    await root.ok("follow")
    await before.ok("send", text="one")
    await sam.ok("note", request=1, text="two")
    await sam.ok("claim", request=1)
    other = await desk.asker(text="four")
    found = await events(root, 6)
    assert said(found) == ["one", "two", "Hello! How can we help you?", "four"]
    kinds = [event["message"].get("activity") for event in found]
    assert kinds == [None, None, "claimed", "opened", None, None]
    assert [event["request"] for event in found] == [1, 1, 1, 2, 2, 2]
    assert not before.waiting("event")
    await other.ok("close")


async def test_a_cursor_brings_the_rest_after_any_number_of_connections(start: Start) -> None:
    async with start(**FREE) as desk:
        customer = await desk.asker(text="0")
        follower = await desk.control()
        cursor = (await follower.ok("follow"))["cursor"]
        heard = list[str]()
        for round_ in range(5):
            for number in range(7):
                await customer.ok("send", text=f"{round_} {number}")
            found = await events(follower, 3 if round_ % 2 else 7)
            heard += said(found)
            cursor = found[-1]["cursor"]
            await follower.socket.close()
            follower = await desk.control()
            await follower.ok("follow", cursor=cursor)
        heard += said(await events(follower, 35 - len(heard)))
        assert heard == [f"{round_} {number}" for round_ in range(5) for number in range(7)]


async def test_a_follower_that_was_away_for_long_gets_all_of_it_in_pieces(start: Start) -> None:
    async with start(**FREE) as desk:
        follower = await desk.control()
        cursor = (await follower.ok("follow"))["cursor"]
        await follower.socket.close()
        customer, text = await desk.asker(), "x" * 4000
        count = 3 * EVENT_PAGE_SIZE // len(text)
        for number in range(count):
            await customer.ok("send", text=f"{number} {text}"[:4000])
        follower = await desk.control()
        await follower.ok("follow", cursor=cursor)
        found = await events(follower, count + 2)
        assert [it.split()[0] for it in said(found)[1:]] == [str(it) for it in range(count)]


async def test_a_filter_narrows_the_events(desk: Desk) -> None:
    root = await desk.control()
    await root.ok("follow", filter={"requests": [2]})
    first, second = await desk.asker(text="first"), await desk.asker(text="second")
    await first.ok("send", text="no")
    await second.ok("send", text="yes")
    assert said(await events(root, 4))[1:] == ["second", "yes"]


async def test_a_cursor_of_another_epoch_or_of_nowhere_is_refused(desk: Desk) -> None:
    root = await desk.control()
    cursor = (await root.ok("follow"))["cursor"]
    epoch = root.welcome["epoch"]
    assert cursor.startswith(epoch)
    for wrong in ("", "x", f"{epoch}:", f"{epoch}:-1", f"{epoch}:999", "0123456789abcdef:0"):
        assert await root.refused("follow", cursor=wrong) == "invalid"


async def test_a_cursor_outlives_the_relay_and_what_was_erased(start: Start) -> None:
    async with start(retention_days=0) as desk:
        root = await desk.control()
        await (await desk.asker(text="erased at its end")).ok("close")
        cursor = (await root.ok("follow"))["cursor"]
        database = desk.settings.database_path
    async with running(database) as desk:
        root = await desk.control()
        await root.ok("follow", cursor=cursor)
        await desk.asker(text="after all")
        found = await events(root, 3)
        assert said(found)[-1] == "after all"
        places = [int(cursor.rpartition(":")[2]) for cursor in (cursor, found[0]["cursor"])]
        assert places[0] < places[1]
