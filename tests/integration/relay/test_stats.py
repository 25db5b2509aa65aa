"""Statistics over the wire, of the requests opened in a period."""

from relay.desk.events import Millis
from relay.wire.present import rfc3339
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, HandClock

EVER = {"since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}


class DaysLater(HandClock):
    """A clock that a test moves by days."""

    days = 0

    def wall(self) -> Millis:
        return Millis(super().wall() + self.days * 86_400_000)


async def test_figures_are_of_what_was_said_and_done(start: Start) -> None:
    async with start(**FREE) as desk:
        sam, root = await desk.agent("Sam"), await desk.control()
        quick, unanswered = await desk.asker(text="Help"), await desk.asker(text="Me too")
        await sam.ok("note", request=1, text="no answer yet")
        await root.ok("send", request=1, text="nor is this one by an agent")
        before = (await root.ok("stats", **EVER))["total"]
        assert (before["requests"], before["answered"], before["first_answer"]) == (2, 0, None)
        await sam.ok("send", request=1, text="Yes?")
        await quick.ok("close")
        await quick.ok("rate", score=5)
        told = await root.ok("stats", **EVER)
        total = told["total"]
        assert (total["requests"], total["answered"], total["closed"]) == (2, 1, 1)
        assert 0 <= total["first_answer"]["median"] <= total["resolution"]["p90"] < 60
        assert total["satisfaction"] == {"ratings": 1, "mean": 5.0}
        assert [(it["id"], it["name"]) for it in told["agents"]] == [(1, "Sam")]
        assert [it["name"] for it in told["sites"]] == ["default"]
        assert sum(it["figures"]["requests"] for it in told["days"]) == 2
        assert sum(it["figures"]["requests"] for it in told["hours"]) == 2
        assert told["more"] is False
        await unanswered.ok("close")


async def test_the_time_has_a_beginning_and_an_end(start: Start) -> None:
    clock = HandClock()
    async with start(clock) as desk:
        customer, root = await desk.asker(text="Help"), await desk.control()
        opened = customer.welcome["request"]["opened_at"]
        since_it = await root.ok("stats", since=opened, until="2100-01-01T00:00:00Z")
        until_it = await root.ok("stats", since="2000-01-01T00:00:00Z", until=opened)
        assert since_it["total"]["requests"] == 1
        assert until_it["total"]["requests"] == 0
        assert rfc3339(clock.wall()) >= opened


async def test_what_is_closed_today_counts_today_whenever_it_was_opened(start: Start) -> None:
    clock = DaysLater()
    async with start(clock) as desk:
        customer, root = await desk.asker(text="Help"), await desk.control()
        clock.days = 3
        begin = rfc3339(clock.wall())
        await customer.ok("close")
        told = await root.ok("stats", since=begin, until="2100-01-01T00:00:00Z")
        [day] = told["days"]
        assert day["name"] == begin[:10]
        assert (day["figures"]["requests"], day["figures"]["ended"]) == (0, 1)
        assert (told["total"]["closed"], told["total"]["ended"]) == (0, 1)
        await (await desk.agent("Sam")).ok("reopen", request=1)
        told = await root.ok("stats", since=begin, until="2100-01-01T00:00:00Z")
        assert told["total"]["ended"] == 0
