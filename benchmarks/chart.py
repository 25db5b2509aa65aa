"""Draws messages per second as an SVG: two bars for each server, on a logarithmic scale, because
the fastest is a hundred times as fast as the slowest. Pure."""

from collections.abc import Mapping
from html import escape
from math import log10
from statistics import median

from benchmarks.servers import HELPDESK, Server

NAMES = ("1 in flight", "16 in flight")
COLOURS = ("#1a7f8e", "#8a63b8")
LEFT, WIDTH, BAR, GROUP, TOP = 330, 460, 11, 34, 56
LEAST = 1_000
"""Messages per second at the left end of the scale."""
STYLE = (
    "text{font:13px sans-serif;fill:#222}.quiet{fill:#666}.ours{font-weight:bold}"
    "line{stroke:#8886}@media(prefers-color-scheme:dark){text{fill:#ddd}.quiet{fill:#999}}"
)
Table = Mapping[tuple[Server, str], list[dict[str, float]]]


def throughput(table: Table) -> str:
    """Return the chart of all servers of *table* that were measured so, the fastest first."""
    figures = {
        server: [median(one["per_second"] for one in table[server, name]) for name in NAMES]
        for server, _ in table
        if all((server, name) in table for name in NAMES)
    }
    servers = sorted(figures, key=lambda server: -figures[server][1])
    most = 10 ** (int(log10(max(max(values) for values in figures.values()))) + 1)
    bottom = TOP + GROUP * len(servers)
    parts = [*_scale(most, bottom), *_legend()]
    for place, server in enumerate(servers):
        parts += _bars(server, figures[server], TOP + GROUP * place, most)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 90} {bottom + 12}" '
        f'role="img"><title>Messages delivered per second</title><style>{STYLE}</style>'
        + "".join(parts)
        + "</svg>\n"
    )


def _at(value: float, most: float) -> float:
    """Return how far to the right *value* is."""
    return WIDTH * max(0.0, log10(value / LEAST)) / log10(most / LEAST)


def _legend() -> list[str]:
    return [
        f'<rect x="{LEFT + 130 * i}" y="8" width="{BAR}" height="{BAR}" fill="{colour}"/>'
        f'<text x="{LEFT + 130 * i + 18}" y="18">{name}</text>'
        for i, (name, colour) in enumerate(zip(NAMES, COLOURS, strict=True))
    ]


def _scale(most: int, bottom: int) -> list[str]:
    parts = []
    value = LEAST
    while value <= most:
        x = LEFT + _at(value, most)
        parts.append(
            f'<line x1="{x:.0f}" y1="{TOP - 8}" x2="{x:.0f}" y2="{bottom}"/>'
            f'<text x="{x:.0f}" y="{TOP - 14}" text-anchor="middle" class="quiet">{value:,}</text>'
        )
        value *= 10
    return parts


def _bars(server: Server, values: list[float], y: int, most: int) -> list[str]:
    kind = ' class="ours"' if server is HELPDESK else ""
    label = escape(f"{server.name}".replace("`", ""))
    parts = [
        f'<text x="{LEFT - 12}" y="{y + 11}" text-anchor="end"{kind}>{label}</text>'
        f'<text x="{LEFT - 12}" y="{y + 24}" text-anchor="end" class="quiet" font-size="11">'
        f"stored: {escape(server.stored)}</text>"
    ]
    for place, (value, colour) in enumerate(zip(values, COLOURS, strict=True)):
        top, long = y + place * (BAR + 2), _at(value, most)
        parts.append(
            f'<rect x="{LEFT}" y="{top}" width="{long:.0f}" height="{BAR}" fill="{colour}"/>'
            f'<text x="{LEFT + long + 6:.0f}" y="{top + 10}"{kind}>{value:,.0f}</text>'
        )
    return parts
