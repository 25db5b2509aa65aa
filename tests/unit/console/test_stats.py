"""The desk in numbers: what is shown of what the relay counted."""

from datetime import UTC, datetime

from helpdesk_tui.model.effects import SendFrame
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.stats import period_end, period_start, sparkline, stats_lines
from relay.desk.stats import Durations, Satisfaction, Statistics
from relay.wire import agent_in, agent_out
from tests.unit.console.sample_frames import new_seat, request, welcome

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
SOME = Statistics(
    4, 3, 2, Durations(90.0, 600.0), Durations(7200.0, 9000.0), Satisfaction(2, 4.5), 7
)


def test_what_was_counted_is_shown_with_names_cleaned() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1), request(2, status="active", waiting_since=None)), 0.0)
    asked = seat.count(period_start(NOW), period_end(NOW))
    times = ("2026-11-15T11:00:00.000Z", "2026-11-22T11:00:00.000Z")
    assert asked == (SendFrame(agent_in.Stats("r1", *times)),)
    assert "  come as soon as the relay answers." in stats_lines(seat.desk, seat.stats, NOW)
    slices = [agent_out.Slice(name, SOME) for name in ("2026-11-22", "09", "\x1b[2JKim")]
    frame = agent_out.Stats("r1", SOME, slices[:1], slices[1:2], slices[2:], [], more=False)
    assert reduce(seat, frame, 0.0) == ()
    shown = "\n".join(stats_lines(seat.desk, seat.stats, NOW))
    assert shown.replace("\n", "").isprintable()
    assert "open          2: 1 waiting, 1 active" in shown
    assert "longest wait  25 min" in shown
    assert "first answer  2 min (nine of ten within 10 min)" in shown
    assert "closed today  7\n" in shown
    assert "satisfaction  4.5 of 5" in shown


def test_no_heading_stands_over_nothing() -> None:
    seat = new_seat()
    reduce(seat, welcome(), 0.0)
    reduce(seat, agent_out.Stats("r1", SOME, [], [], [], [], more=False), 0.0)
    assert "By agent" not in stats_lines(seat.desk, seat.stats, NOW)


def test_offline_the_numbers_are_not_asked_for() -> None:
    seat = new_seat()
    assert not any(isinstance(effect, SendFrame) for effect in seat.count("", ""))


def test_a_sparkline_is_as_high_as_the_values() -> None:
    assert sparkline([0, 1, 4, 8]) == "·▂▅█"
    assert sparkline([]) == ""
