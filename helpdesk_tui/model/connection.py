"""Whether the relay is there, and if not, why, and when it is tried again. Data alone.

Instants are those of whoever counts them, in seconds; only differences mean anything.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connecting:
    """The relay is being called."""


@dataclass(frozen=True, slots=True)
class Online:
    """The relay has welcomed this agent."""


@dataclass(frozen=True, slots=True)
class Offline:
    """Nobody is there; ``retry_at`` is the instant of the next call."""

    reason: str
    retry_at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The relay does not want to be called again; ``unauthorized``: it refuses the token."""

    reason: str
    unauthorized: bool


Connection = Connecting | Online | Offline | Ended
