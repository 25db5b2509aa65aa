"""Trusted time: which clocks are believed, how soon, and what the next start knows."""

import pytest

from relay.desk.events import Millis
from relay.service.trusted_time import CATCH_UP, DAY, DOUBT, TOLERANCE, TrustedTime
from relay.store.values import ClockRecord

NOW = Millis(1_796_000_000_000)
HOUR = DAY // 24
YEAR = 365 * DAY


class Machine:
    """A relay's time with a clock that is *off* by some milliseconds, and how long it has run."""

    def __init__(self, known: ClockRecord | None, off: int = 0) -> None:
        self.off, self.ran = off, 0
        self.trusted = TrustedTime(known, self.wall, 0.0)

    @property
    def wall(self) -> Millis:
        return Millis(NOW + self.ran + self.off)

    def run(self, millis: int, step: int = HOUR) -> None:
        """Let *millis* pass, looking at the clocks every *step*."""
        for _ in range(millis // step):
            self.ran += step
            self.trusted.read(self.wall, self.ran / 1000)


def known(ago: int = 0, doubted: int = 0) -> ClockRecord:
    return ClockRecord(Millis(NOW - ago), doubted)


@pytest.mark.parametrize("off", [YEAR, -YEAR, TOLERANCE + 1, -TOLERANCE - 1])
def test_a_clock_that_is_off_by_over_a_week_at_the_start_is_doubted_for_a_day(off: int) -> None:
    machine = Machine(known(), off)
    machine.run(DOUBT - HOUR)
    assert machine.trusted.is_doubted
    assert (machine.trusted.gap, machine.trusted.time) == (off, NOW + machine.ran)
    machine.run(HOUR)
    assert (machine.trusted.is_doubted, machine.trusted.time) == (False, machine.wall)


@pytest.mark.parametrize("ago", [0, HOUR, TOLERANCE])
def test_a_relay_that_was_off_for_up_to_a_week_believes_its_clock_at_once(ago: int) -> None:
    trusted = Machine(known(ago)).trusted
    assert (trusted.is_doubted, trusted.time) == (False, NOW)


def test_an_empty_desk_believes_any_clock() -> None:
    assert not Machine(None, YEAR).trusted.is_doubted


@pytest.mark.parametrize("off", [YEAR, -YEAR])
def test_a_clock_that_is_put_right_is_believed_at_once(off: int) -> None:
    machine = Machine(known(), off)
    machine.run(HOUR)
    machine.off = 0
    machine.run(HOUR)
    assert (machine.trusted.is_doubted, machine.trusted.time) == (False, machine.wall)


@pytest.mark.parametrize("jump", [YEAR, -YEAR])
def test_a_clock_that_jumps_by_over_a_week_while_running_is_doubted_for_a_day(jump: int) -> None:
    machine = Machine(known())
    machine.run(5 * DAY)
    machine.off = jump
    machine.run(DOUBT - HOUR)
    assert machine.trusted.is_doubted
    machine.run(HOUR)
    assert (machine.trusted.is_doubted, machine.trusted.time) == (False, machine.wall)


def test_a_smaller_jump_ahead_counts_as_fast_as_the_relay_runs_and_after_a_day_as_a_whole() -> None:
    machine = Machine(known())
    machine.off = 5 * DAY
    machine.run(6 * HOUR)
    assert not machine.trusted.is_doubted
    assert machine.trusted.time == NOW + CATCH_UP * 6 * HOUR
    machine.run(DAY - 6 * HOUR)
    assert machine.trusted.time == machine.wall


def test_a_machine_that_sleeps_every_night_is_never_a_day_behind() -> None:
    machine = Machine(known())
    for _ in range(30):
        machine.off += 8 * HOUR
        machine.run(16 * HOUR)
        assert machine.trusted.time == machine.wall


def test_a_clock_that_is_set_back_a_little_is_followed_at_once() -> None:
    machine = Machine(known())
    machine.off = -HOUR
    machine.run(HOUR)
    assert machine.trusted.time == machine.wall


def test_the_doubt_of_a_day_goes_on_after_a_restart() -> None:
    first = Machine(known(), YEAR)
    first.run(DOUBT - HOUR)
    second = Machine(first.trusted.record, YEAR + first.ran)
    assert second.trusted.is_doubted
    second.run(HOUR)
    assert second.trusted.time == second.wall


def test_what_is_stored_of_a_believed_clock_is_its_time_without_a_doubt() -> None:
    machine = Machine(known(doubted=5 * HOUR))
    machine.run(HOUR)
    assert machine.trusted.record == ClockRecord(machine.wall)
