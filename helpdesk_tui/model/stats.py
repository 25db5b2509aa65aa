"""The words of the statistics screen: the last week by day, hour and agent. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk_tui.model.desk_state import DeskState
from helpdesk_tui.model.waiting_time import waited
from relay.desk.stats import Durations, Statistics
from relay.sanitize import printable_line
from relay.wire import agent_out

PERIOD = timedelta(days=7)
LEVELS = "▁▂▃▄▅▆▇█"
LONGEST_BAR = 24


@dataclass(frozen=True, slots=True)
class DeskStats:
    """The figures of a period: of all, and by day, hour and agent under a cleaned name."""

    total: Statistics
    days: tuple[tuple[str, Statistics], ...]
    hours: tuple[tuple[str, Statistics], ...]
    agents: tuple[tuple[str, Statistics], ...]


def stats_from(told: agent_out.Stats) -> DeskStats:
    """Return the figures that the relay told."""
    return DeskStats(told.total, _named(told.days), _named(told.hours), _named(told.agents))


def period_start(now: datetime) -> str:
    """Return from when on the figures are, as the wire has it."""
    return _wire_time(now - PERIOD)


def period_end(now: datetime) -> str:
    """Return up to when the figures are, as the wire has it."""
    return _wire_time(now)


def stats_lines(desk: DeskState, numbers: DeskStats | None, now: datetime) -> Iterator[str]:
    """Yield the lines of the page; a heading is one that does not begin with a space."""
    yield from _now(desk, now)
    if numbers is None:
        yield "The last seven days"
        yield "  come as soon as the relay answers."
        return
    total = numbers.total
    today = dict(numbers.days).get(f"{now.astimezone(UTC):%Y-%m-%d}")
    yield "The last seven days"
    yield f"  requests      {total.requests}, answered {total.answered}, closed {total.closed}"
    yield f"  first answer  {_times(total.first_answer)}"
    yield f"  resolution    {_times(total.resolution)}"
    if liked := total.satisfaction:
        score = f"{liked.mean:.1f} of 5"
        yield f"  satisfaction  {score} {_bar(liked.mean, 5)} ({liked.ratings} ratings)"
    yield f"  closed today  {today.ended if today else 0}"
    yield f"  by day        {sparkline([figures.requests for _, figures in numbers.days])}"
    by_hour = {int(name): f.requests for name, f in numbers.hours if name.isdigit()}
    yield f"  by hour (UTC) {sparkline([by_hour.get(hour, 0) for hour in range(24)])}"
    if numbers.agents:
        yield "By agent"
    most = max((figures.requests for _, figures in numbers.agents), default=0)
    for name, figures in numbers.agents:
        answer = _duration(figures.first_answer.median) if figures.first_answer else "none"
        yield f"  {name[:20]:<20} {figures.requests:>4} {_bar(figures.requests, most)}  {answer}"


def sparkline(values: Sequence[int]) -> str:
    """Return a character for each of *values*, as high as it is among them; 0 is a dot."""
    most = max(values, default=0)
    return "".join(
        LEVELS[min(len(LEVELS) - 1, value * len(LEVELS) // most)] if value else "·"
        for value in values
    )


def _now(desk: DeskState, now: datetime) -> Iterator[str]:
    known = [request for request in desk.requests.values() if not request.closed]
    times = [r.waiting_since for r in known if r.waiting_since is not None]
    waiting = sum(request.status == "waiting" for request in known)
    yield "Now"
    if not desk.welcomed:
        yield "  is known when the relay answers."
        return
    yield f"  open          {len(known)}: {waiting} waiting, {len(known) - waiting} active"
    yield f"  longest wait  {waited(min(times), now) if times else 'nobody waits'}"
    here = [agent.name for agent in desk.agents.values() if agent.status == "online"]
    yield f"  at the desk   {', '.join(here) or 'nobody'}"


def _named(told: Sequence[agent_out.Slice]) -> tuple[tuple[str, Statistics], ...]:
    return tuple((printable_line(one.name), one.figures) for one in told)


def _times(times: Durations | None) -> str:
    if times is None:
        return "none"
    return f"{_duration(times.median)} (nine of ten within {_duration(times.p90)})"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _bar(value: float, most: float) -> str:
    return "█" * max(1, round(LONGEST_BAR * value / most)) if value and most else ""


def _wire_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
