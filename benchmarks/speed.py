"""Measures the relay and its alternatives in one run.

`python -m benchmarks.speed` measures all servers in turns (A B C A B C), so that other load on the
machine affects all of them, and prints tables. `--write docs/performance.md` writes them between
the markers of that page, and the chart next to it, with the results of the console's and the
commands' benchmarks. Needs `cc`, `node` with `npm ci` done in benchmarks/peers, `nats-server`,
`mosquitto`, and two idle cores.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import chart, others, report
from benchmarks.fill import fill
from benchmarks.machine import Load, built, calibrate
from benchmarks.servers import EVERYBODY, HELPDESK, NODE_GROUP, Running, Server, running, start

FEWEST = 3
"""Rounds of a page: a median of fewer says nothing on a machine with neighbours."""
ROOMS = 100
SECONDS = 2.0
WATCHED = {"WAITING": 500, "WATCHERS": 50}
WRONG = ("lost", "unacknowledged", "errors", "out_of_order")
"""Figures that have to be 0; another text than was sent, or in another room, ends the load."""
Figures = dict[str, float]
Measure = Callable[[Running], Figures]


def closed(window: int, **beside: int) -> Measure:
    """Return what measures with *window* texts of each sender in flight; *beside*: ``load.c``."""
    return lambda server: _load(server, ROOMS, "closed", window, SECONDS, **beside)


def rate(per_second: int, rooms: int = ROOMS) -> Measure:
    """Return what measures latencies at a fixed rate in *rooms*."""
    return lambda server: _load(server, rooms, "rate", per_second, SECONDS * 2)


def idle(connections: int, mode: str = "idle") -> Measure:
    """Return what measures connecting, and memory for each connection that says nothing.

    *mode* ``hello`` is signed in and has no request; in ``idle`` each is in a room.
    """

    def measure(server: Running) -> Figures:
        before = server.resident
        load = _start(server, connections // 2, mode)
        figures = load.said()
        figures["kib"] = (server.resident - before) / connections / 1024
        load.end()
        return figures

    return measure


def opened(requests: int) -> Measure:
    """Return what measures how long each of *requests* takes to open, one after the other."""

    def measure(server: Running) -> Figures:
        load = _start(server, requests, "open")
        figures = load.said()
        load.end()
        return figures

    return measure


def resume(clients: int) -> Measure:
    """Return what measures how long it is from the end of a server until *clients* are back."""

    def measure(server: Running) -> Figures:
        load = _start(server, clients // 2, "resume")
        load.said()
        began = time.monotonic()
        server.process.terminate()
        server.process.wait(20)
        again = start(server.server, server.port, server.folder)
        load.go_on()
        figures = load.said() | {"seconds": time.monotonic() - began}
        load.end()
        again.terminate()
        again.wait(20)
        return figures

    return measure


def _start(server: Running, rooms: int, mode: str, *figures: object, **variables: object) -> Load:
    if server.agents:
        variables["AGENTS"] = server.agents
    return Load(server.server.dialect, server.port, rooms, mode, *figures, **variables)


def _load(server: Running, rooms: int, mode: str, *figures: object, **beside: int) -> Figures:
    load = _start(server, rooms, mode, *figures, **beside)
    said = load.said()
    load.end()
    if any(said[wrong] for wrong in WRONG):
        raise RuntimeError(f"{server.server.name} did not do its work: {said}")
    return said


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure of one server. ``history`` is a folder with what it has stored."""

    server: Server
    name: str
    measure: Measure
    variables: Mapping[str, str] = field(default_factory=dict)
    history: Path | None = None


Table = dict[tuple[Server, str], list[Figures]]


def measure(rounds: int, plan: Iterable[Case]) -> Table:
    """Return each figure of each round; every measurement has a server of its own."""
    table: Table = defaultdict(list)
    plan = tuple(plan)
    for number in range(rounds):
        for case in plan:
            noise = calibrate()
            with running(case.server, case.history, **case.variables) as it:
                figures = case.measure(it)
            figures["calibration"] = noise
            table[case.server, case.name].append(figures)
            shown = " ".join(f"{key}={value:g}" for key, value in figures.items())
            print(f"round {number + 1}: {case.server.name}: {case.name}: {shown}", file=sys.stderr)
    return table


def the_plan(servers: Iterable[Server], history: Path | None) -> Iterator[Case]:
    """Yield everything there is to measure; *history* is a folder with a desk full of messages."""
    for server in servers:
        yield Case(server, "1 in flight", closed(1))
        yield Case(server, "16 in flight", closed(16))
        yield Case(server, "2,000 idle", idle(2_000))
        yield Case(server, "15,000 idle", idle(15_000))
        if server in {HELPDESK, NODE_GROUP}:
            yield Case(server, "2,500/s", rate(2_500))
            yield Case(server, "10,000/s", rate(10_000))
            yield Case(server, "463/s of 15,000", rate(463, 7_500))
            yield Case(server, "4,630/s of 15,000", rate(4_630, 7_500))
        if server is HELPDESK:
            yield from _of_ours(history)


def _of_ours(history: Path | None) -> Iterator[Case]:
    slow = {"LD_PRELOAD": str(built() / "slow_sync.so"), "SLOW_SYNC_US": "2000"}
    yield Case(HELPDESK, "1 in flight, slow disk", closed(1), slow)
    yield Case(HELPDESK, "16 in flight, slow disk", closed(16), slow)
    yield Case(HELPDESK, "1 in flight, watched", closed(1, **WATCHED))
    yield Case(HELPDESK, "16 in flight, watched", closed(16, **WATCHED))
    yield Case(HELPDESK, "1,000 opened", opened(1_000))
    if history:
        yield Case(HELPDESK, "1 in flight, full desk", closed(1), history=history)
        yield Case(HELPDESK, "16 in flight, full desk", closed(16), history=history)
        yield Case(HELPDESK, "1,000 opened, full desk", opened(1_000), history=history)
    yield Case(HELPDESK, "2,000 signed in", idle(2_000, "hello"))
    yield Case(HELPDESK, "15,000 signed in", idle(15_000, "hello"))
    yield Case(HELPDESK, "5,000 resume", resume(5_000))


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="servers whose name begins so, and what is measured of them")
    parser.add_argument("--stored", type=int, default=10_000_000, help="messages of the full desk")
    parser.add_argument("--write", type=Path, help="the page that gets the tables: all of them")
    chosen = parser.parse_args()
    if chosen.write and (chosen.only or chosen.rounds < FEWEST):
        parser.error(f"a page is written of everybody, in {FEWEST} rounds or more")
    servers = [it for it in EVERYBODY if it.name.startswith(chosen.only or "")]
    with TemporaryDirectory(prefix="helpdesk-benchmark-full-") as folder:
        history = Path(folder) if chosen.stored and HELPDESK in servers else None
        if history:
            fill(history / "desk.db", chosen.stored)
        table = measure(chosen.rounds, the_plan(servers, history))
    text = report.text(table, chosen.stored if history else 0)
    if not chosen.only:
        text += "\n\n" + others.text()
    print(text)
    if chosen.write:
        report.write(chosen.write, text)
        chosen.write.with_suffix(".svg").write_text(chart.throughput(table))


if __name__ == "__main__":
    main()
