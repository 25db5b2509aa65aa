"""Goals for the relay's figures, compared with those of a run. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.servers import HELPDESK, NODE_GROUP, SERVE, SOCKETIO, Server

Table = Mapping[tuple[Server, str], list[dict[str, float]]]
WINDOWS = ("1 in flight", "16 in flight")


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal and what was measured; ``least`` tells which way is good."""

    what: str
    measured: float
    goal: float
    least: bool

    @property
    def met(self) -> bool:
        """Whether it is as good as it is to be."""
        return self.measured >= self.goal if self.least else self.measured <= self.goal


def middle(table: Table, server: Server, name: str, key: str) -> float | None:
    """Return the median of what was measured; None if nothing was."""
    values = [figures[key] for figures in table.get((server, name), ()) if key in figures]
    return median(values) if values else None


def reached(table: Table) -> list[Reached]:
    """Return all goals of which *table* has the figures."""
    return [
        Reached(what, measured, goal, least)
        for ratios in (_to_peers(table), _to_itself(table), _figures(table))
        for what, measured, goal, least in ratios
        if measured is not None
    ]


Row = tuple[str, float | None, float, bool]


def _to_peers(table: Table) -> Iterator[Row]:
    goals = ((NODE_GROUP, (1.2, 1.5)), (SOCKETIO, (5, 5)), (SERVE, (1, 1)))
    for server, figures in goals:
        for name, goal in zip(WINDOWS, figures, strict=True):
            theirs = middle(table, server, name, "per_second")
            ours = middle(table, HELPDESK, name, "per_second")
            yield f"times {server.name}, {name}", _ratio(ours, theirs), goal, True
    for name, goals_ms in (("2,500/s", (0.5, 3)), ("10,000/s", (1, 5))):
        for what, prefix in (("deliver", ""), ("acknowledge", "ack_")):
            for key, goal in zip(("p50", "p99"), goals_ms, strict=True):
                ours = middle(table, HELPDESK, name, prefix + key)
                yield f"ms to {what} at {name}, {key}", ours, goal, False
                theirs = middle(table, NODE_GROUP, name, prefix + key)
                ratio = _ratio(ours, theirs)
                yield f"of Node's time to {what} at {name}, {key}", ratio, 1, False


def _to_itself(table: Table) -> Iterator[Row]:
    kinds = (
        ("slow disk", "2 ms more at every sync", 0.7),
        ("watched", "500 waiting, 50 watching", 0.8),
    )
    for kind, what, goal in (*kinds, ("full desk", "a full desk", 0.9)):
        for name in WINDOWS:
            plain = middle(table, HELPDESK, name, "per_second")
            other = middle(table, HELPDESK, f"{name}, {kind}", "per_second")
            yield f"of itself, {name}, with {what}", _ratio(other, plain), goal, True
    plain = middle(table, HELPDESK, "1,000 opened", "open_p50")
    full = middle(table, HELPDESK, "1,000 opened, full desk", "open_p50")
    yield "of its own time to open a request, with a full desk", _ratio(full, plain), 1.1, False


def _figures(table: Table) -> Iterator[Row]:
    def ours(name: str, key: str) -> float | None:
        return middle(table, HELPDESK, name, key)

    yield "KiB each of 15,000 connections", ours("15,000 signed in", "kib"), 6, False
    yield (
        "connections a second, with `hello`",
        ours("2,000 signed in", "connects_per_second"),
        3000,
        True,
    )
    yield "ms to deliver at 463/s of 15,000, p99", ours("463/s of 15,000", "p99"), 5, False
    yield "ms to deliver at 4,630/s of 15,000, p99", ours("4,630/s of 15,000", "p99"), 50, False
    yield "s until 5,000 clients are back", ours("5,000 resume", "seconds"), 5, False


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours is not None and theirs else None
