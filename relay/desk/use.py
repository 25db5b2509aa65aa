"""How much a desk was used, by days and months of UTC. Data alone, and nobody's name in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Day:
    """``name`` is a date; ``connections`` is the most there were at once."""

    name: str
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class Month:
    """``people`` are the customers who did something in it; the others are its busiest days'."""

    name: str
    people: int
    messages: int
    connections: int
