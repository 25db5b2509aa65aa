"""The seconds that the console waits, as one value, which a test replaces."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from relay.client import reconnect_delay


def _jittered(attempt: int) -> float:
    return reconnect_delay(attempt, random.random())  # noqa: S311 - only jitter


@dataclass(frozen=True, slots=True)
class Timings:
    """All of them are in seconds."""

    keepalive_interval: float = 20.0
    """Without a frame, after which the relay is pinged."""
    answer_timeout: float = 10.0
    """That the relay has to answer a ping or the sign-in."""
    clock_interval: float = 2.0
    """Between two reads of the wall clock, which goes on while a laptop sleeps."""
    sleep_margin: float = 3.0
    """That a read may be late; beyond that this machine or process has slept."""
    wake_timeout: float = 3.0
    """That the relay has to answer a ping after a sleep, when it may have hung up."""
    backoff: Callable[[int], float] = _jittered
    """Before an attempt to connect, or to send what was refused for now; attempts count from 0."""
    min_retry_delay: float = 0.2
    """At least, before a text that was refused for now is retried."""
    stable_after: float = 5.0
    """Online, after which reconnecting begins with the shortest backoff again."""
    join_delay: float = 0.15
    """In which another request is opened where a key is held down."""
    seek_delay: float = 0.25
    """Without a key until what was typed in a picker is looked for elsewhere."""
    notification_pause: float = 5.0
    """Between two notifications, at least."""
    focus_report_timeout: float = 5.0
    """In which a tmux that reports the focus does so for the first time."""


DEFAULT_TIMINGS = Timings()
