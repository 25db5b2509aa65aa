"""Formats measurements as tables for a page: medians with the smallest and the largest. Pure except
for writing the page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from benchmarks.goals import Reached, reached
from benchmarks.servers import Server

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
Figures = dict[str, float]
Table = Mapping[tuple[Server, str], list[Figures]]
Show = Callable[[float], str]


def text(table: Table, stored: int) -> str:
    """Return all tables in Markdown; the full desk had *stored* messages, 0 if there was none."""
    noise = [figures["calibration"] for runs in table.values() for figures in runs]
    parts = [
        f"The calibration loop took {median(noise):.0f} ms at the median, {min(noise):.0f} to "
        f"{max(noise):.0f}." + (f" The full desk has {stored:,} messages." if stored else ""),
        "What is asked, and what came:\n\n" + _goals(reached(table)),
        _throughput(table),
        _latencies(table),
        _connections(table),
    ]
    return "\n\n".join(parts)


def write(page: Path, tables: str) -> None:
    """Put *tables* between the marks of *page*."""
    head, _, rest = page.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}\n\n{tables}\n\n{END}{tail}")


def _goals(goals: list[Reached]) -> str:
    rows = [["what", "measured", "asked", ""]]
    for goal in goals:
        asked = f"{'at least' if goal.least else 'at most'} {goal.goal:g}"
        rows.append([goal.what, f"{goal.measured:.3g}", asked, "✓" if goal.met else "missed"])
    return _markdown(rows)


def _throughput(table: Table) -> str:
    rows = [["server", "stored", "measured", "messages/s"]]
    for server, name in table:
        if "in flight" in name:
            figures = _cell(table, server, name, "per_second", _whole)
            rows.append([server.name, server.stored, name, figures])
    return "Messages delivered per second:\n\n" + _markdown(rows)


def _latencies(table: Table) -> str:
    titles = ("delivered/s", "p50 ms", "p99 ms", "acknowledged p50", "acknowledged p99")
    rows = [["server", "rate", *titles]]
    for server, name in table:
        if "/s" in name:
            reached = _cell(table, server, name, "per_second", _whole)
            keys = ("p50", "p99", "ack_p50", "ack_p99")
            late = [_cell(table, server, name, key, _fine) for key in keys]
            rows.append([server.name, name, reached, *late])
    return "Latency from the time a message was due:\n\n" + _markdown(rows)


def _connections(table: Table) -> str:
    titles = ("KiB each", "connects/s", "opened in ms, p50", "p99", "resumed in s")
    rows = [["server", "connections", *titles]]
    for server, name in table:
        if any(word in name for word in ("idle", "signed in", "opened", "resume")):
            shown = (
                ("kib", _fine),
                ("connects_per_second", _whole),
                ("open_p50", _fine),
                ("open_p99", _fine),
                ("seconds", _fine),
            )
            cells = [_cell(table, server, name, key, show) for key, show in shown]
            rows.append([server.name, name, *cells])
    return "Connections:\n\n" + _markdown(rows)


def _cell(table: Table, server: Server, name: str, key: str, show: Show) -> str:
    values = [figures[key] for figures in table.get((server, name), ()) if key in figures]
    if not values:
        return ""
    return f"{show(median(values))} ({show(min(values))} to {show(max(values))})"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _fine(value: float) -> str:
    return f"{value:.2f}"


def _markdown(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)
