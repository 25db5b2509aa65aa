"""Prices of hosted services for the usage of a desk, by the tables in ``prices.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLES = Path(__file__).with_name("prices.toml")
BEYOND = "Enterprise"
"""The plan whose price nobody publishes."""
USERS_PER_CONNECTION = 10
"""Agora includes connections for 10 % of the month's users, or of the plan's if these are more."""


@dataclass(frozen=True, slots=True)
class Use:
    """A desk's use: ``users`` in a month, ``messages`` on a day, ``connections`` at once."""

    users: int
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class AgoraPlan:
    """A plan by users, with some of them and a connection for each ten of them included.

    Each user or connection more costs ``per_user`` or ``per_connection``, up to ``most`` users;
    where these are None, there are no more.
    """

    name: str
    price: float
    users: int
    most: int
    per_user: float | None = None
    per_connection: float | None = None


@dataclass(frozen=True, slots=True)
class PusherPlan:
    """A plan with all its messages on a day and connections at once included."""

    name: str
    price: float
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class Prices:
    """The plans of each service, and the month in which they were read."""

    as_of: str
    agora: tuple[AgoraPlan, ...]
    pusher: tuple[PusherPlan, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """The cheapest plan of a service for some use; ``price`` is None where it has to be asked."""

    service: str
    plan: str
    price: float | None


@cache
def prices() -> Prices:
    """Return the tables as they stand in the file."""
    read = tomllib.loads(TABLES.read_text(encoding="utf-8"))
    return Prices(
        read["as_of"],
        tuple(AgoraPlan(**plan) for plan in read["agora"]),
        tuple(PusherPlan(**plan) for plan in read["pusher"]),
    )


def offers(use: Use) -> tuple[Offer, Offer]:
    """Return what *use* would cost in a month at Agora Chat and at Pusher Channels."""
    known = prices()
    agora = [
        (price, plan.name) for plan in known.agora if (price := _at_agora(plan, use)) is not None
    ]
    pusher = [(plan.price, plan.name) for plan in known.pusher if _fits(plan, use)]
    return _cheapest("Agora Chat", agora), _cheapest("Pusher Channels", pusher)


def _at_agora(plan: AgoraPlan, use: Use) -> float | None:
    """Return what *use* costs under *plan*, None if the plan does not reach so far."""
    users = max(0, use.users - plan.users)
    included = max(use.users, plan.users) // USERS_PER_CONNECTION
    connections = max(0, use.connections - included)
    if use.users > plan.most:
        return None
    if plan.per_user is None or plan.per_connection is None:
        return None if users or connections else plan.price
    return plan.price + users * plan.per_user + connections * plan.per_connection


def _fits(plan: PusherPlan, use: Use) -> bool:
    return use.messages <= plan.messages and use.connections <= plan.connections


def _cheapest(service: str, found: list[tuple[float, str]]) -> Offer:
    if not found:
        return Offer(service, BEYOND, None)
    price, plan = min(found)
    return Offer(service, plan, float(price))
