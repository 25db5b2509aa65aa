"""How fast the relay is, against what people would pick instead, in one run.

`python -m benchmarks.speed` measures everybody in turns (A B C A B C), so that what the machine
does meanwhile hits all of them, and prints tables; `--write docs/performance.md` puts them there,
between the marks. Needs `cc`, `node` with `npm ci` done in benchmarks/peers, and two idle cores.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from benchmarks import report
from benchmarks.machine import Load, built, calibrate
from benchmarks.servers import EVERYBODY, HELPDESK, NODE_GROUP, Running, Server, running, start

ROOMS = 100
SECONDS = 2.0
Figures = dict[str, float]
Measure = Callable[[Running], Figures]


def closed(window: int) -> Measure:
    """Return what measures with *window* texts of each sender in flight."""
    return lambda server: _load(server, ROOMS, "closed", window, SECONDS)


def rate(per_second: int, rooms: int = ROOMS) -> Measure:
    """Return what measures latencies at a fixed rate in *rooms*."""
    return lambda server: _load(server, rooms, "rate", per_second, SECONDS * 2)


def idle(connections: int) -> Measure:
    """Return what measures connecting, and memory for each connection that says nothing."""

    def measure(server: Running) -> Figures:
        before = server.resident
        load = _start(server, connections // 2, "idle")
        figures = load.said()
        figures["kib"] = (server.resident - before) / connections / 1024
        load.end()
        return figures

    return measure


def resume(clients: int) -> Measure:
    """Return what measures how long *clients* take to come back after a restart."""

    def measure(server: Running) -> Figures:
        load = _start(server, clients // 2, "resume")
        load.said()
        load.go_on()
        server.process.terminate()
        server.process.wait(20)
        again = start(server.server, server.port, server.folder)
        load.go_on()
        figures = load.said()
        load.end()
        again.terminate()
        again.wait(20)
        return figures

    return measure


def _start(server: Running, rooms: int, mode: str, *figures: object) -> Load:
    if server.agents:
        os.environ["AGENTS"] = str(server.agents)
    return Load(server.server.dialect, server.port, rooms, mode, *figures)


def _load(server: Running, rooms: int, mode: str, *figures: object) -> Figures:
    load = _start(server, rooms, mode, *figures)
    said = load.said()
    load.end()
    if said["errors"] or said["out_of_order"]:
        raise RuntimeError(f"{server.server.name} lost its order: {said}")
    return said


Table = dict[tuple[Server, str], list[Figures]]


def measure(rounds: int, plan: Iterable[tuple[Server, str, Measure, dict[str, str]]]) -> Table:
    """Return each figure of each round; every measurement has a fresh server."""
    table: Table = defaultdict(list)
    plan = tuple(plan)
    for number in range(rounds):
        for server, name, one, variables in plan:
            noise = calibrate()
            with running(server, **variables) as it:
                figures = one(it)
            figures["calibration"] = noise
            table[server, name].append(figures)
            shown = " ".join(f"{key}={value:g}" for key, value in figures.items())
            print(f"round {number + 1}: {server.name}: {name}: {shown}", file=sys.stderr)
    return table


def the_plan(
    servers: Iterable[Server],
) -> Iterable[tuple[Server, str, Measure, dict[str, str]]]:
    """Yield everything there is to measure."""
    slow = {"LD_PRELOAD": str(built() / "slow_sync.so"), "SLOW_SYNC_US": "2000"}
    for server in servers:
        yield server, "1 in flight", closed(1), {}
        yield server, "16 in flight", closed(16), {}
        yield server, "2,000 idle", idle(2_000), {}
        if server in {HELPDESK, NODE_GROUP}:
            yield server, "2,500/s", rate(2_500), {}
            yield server, "10,000/s", rate(10_000), {}
        if server is HELPDESK:
            yield server, "1 in flight, slow disk", closed(1), slow
            yield server, "16 in flight, slow disk", closed(16), slow
            yield server, "15,000 idle", idle(15_000), {}
            yield server, "463/s of 15,000", rate(463, 7_500), {}
            yield server, "4,630/s of 15,000", rate(4_630, 7_500), {}
            yield server, "5,000 resume", resume(5_000), {}


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="servers whose name begins so, and what is measured of them")
    parser.add_argument("--write", type=Path, help="the page that gets the tables")
    chosen = parser.parse_args()
    servers = [it for it in EVERYBODY if it.name.startswith(chosen.only or "")]
    table = measure(chosen.rounds, the_plan(servers))
    text = report.text(table, median(f["calibration"] for runs in table.values() for f in runs))
    print(text)
    if chosen.write:
        report.write(chosen.write, text)


if __name__ == "__main__":
    main()
