"""Faults of the set-up that clients run into: each logged once an hour, and kept for `doctor`.

Bounded, whatever clients send.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from relay.clock import Clock
from relay.log import Event, Log, Value, Word

HOUR = 3600.0
MAX_FAULTS = 64
"""Faults that are kept. Those beyond count as one of each event, until others are an hour old."""


@dataclass(slots=True)
class SetupFault:
    """One fault: its log event with its fields, how often it occurred, and when last.

    ``last`` is in milliseconds of the time of day, ``seen`` and ``logged`` in seconds of a steady
    clock.
    """

    event: Event
    fields: Mapping[str, Value]
    count: int = 0
    last: int = 0
    logged: float | None = None
    seen: float = 0.0


class SetupFaults:
    """Register of the faults since the relay's start."""

    def __init__(self, log: Log, clock: Clock) -> None:
        """Log to *log*; nothing is wrong yet."""
        self._log = log
        self._clock = clock
        self._faults: dict[tuple[object, ...], SetupFault] = {}

    def __iter__(self) -> Iterator[SetupFault]:
        """Yield the faults, the oldest first."""
        yield from tuple(self._faults.values())

    def note(self, event: Event, **fields: Value) -> None:
        """Count the fault that *event* with these *fields* is, and log it if it is due."""
        now = self._clock.steady()
        fault = self._find(event, fields, now)
        fault.count += 1
        fault.seen, fault.last = now, self._clock.wall()
        if fault.logged is None or now - fault.logged >= HOUR:
            fault.logged = now
            self._log.emit(fault.event, **fault.fields)

    def _find(self, event: Event, fields: Mapping[str, Value], now: float) -> SetupFault:
        key = (event.name, *fields.items())
        if key not in self._faults and len(self._faults) >= MAX_FAULTS:
            self._drop_old(now)
        if key not in self._faults and len(self._faults) >= MAX_FAULTS:
            fields = {name: Word("others") for name in event.fields}
            key = (event.name, "others")
        return self._faults.setdefault(key, SetupFault(event, fields))

    def _drop_old(self, now: float) -> None:
        for key, fault in tuple(self._faults.items()):
            if now - fault.seen >= HOUR:
                del self._faults[key]
