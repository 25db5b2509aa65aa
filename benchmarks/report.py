"""What was measured, as tables for a page: medians with the smallest and the largest. Pure but for
writing the page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from benchmarks.servers import HELPDESK, NODE_GROUP, Server

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
Figures = dict[str, float]
Table = Mapping[tuple[Server, str], list[Figures]]
Show = Callable[[float], str]


def text(table: Table, calibration: float) -> str:
    """Return all tables in Markdown."""
    parts = [
        f"Calibration loop: {calibration:.0f} ms at the median.",
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


def _throughput(table: Table) -> str:
    names = ["1 in flight", "16 in flight", "1 in flight, slow disk", "16 in flight, slow disk"]
    rows = [["server", "stored", *names]]
    for server in _servers(table):
        cells = [_cell(table, server, name, "per_second", _whole) for name in names]
        rows.append([server.name, server.stored, *cells])
    for name in names[:2]:
        ours, theirs = (_median(table, it, name, "per_second") for it in (HELPDESK, NODE_GROUP))
        if ours and theirs:
            rows.append([f"Helpdesk to Node's group commit, {name}", "", f"{ours / theirs:.2f}"])
    return "Messages delivered per second:\n\n" + _markdown(rows)


def _latencies(table: Table) -> str:
    names = ["2,500/s", "10,000/s", "463/s of 15,000", "4,630/s of 15,000"]
    rows = [["server", "rate", "p50 ms", "p99 ms", "acknowledged p50", "acknowledged p99"]]
    for server in _servers(table):
        for name in names:
            if (server, name) in table:
                keys = ("p50", "p99", "ack_p50", "ack_p99")
                cells = [_cell(table, server, name, key, _fine) for key in keys]
                rows.append([server.name, name, *cells])
    return "Latency from the time a message was due:\n\n" + _markdown(rows)


def _connections(table: Table) -> str:
    rows = [["server", "connections", "KiB each", "connects/s", "resumed in s"]]
    for server in _servers(table):
        for name in ("2,000 idle", "15,000 idle", "5,000 resume"):
            if (server, name) in table:
                cells = [
                    _cell(table, server, name, "kib", _fine),
                    _cell(table, server, name, "connects_per_second", _whole),
                    _cell(table, server, name, "seconds", _fine),
                ]
                rows.append([server.name, name, *cells])
    return "Connections:\n\n" + _markdown(rows)


def _servers(table: Table) -> list[Server]:
    return list(dict.fromkeys(server for server, _ in table))


def _median(table: Table, server: Server, name: str, key: str) -> float | None:
    values = [figures[key] for figures in table.get((server, name), ()) if key in figures]
    return median(values) if values else None


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
    width = len(rows[0])
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)
