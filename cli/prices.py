"""What hosted chats ask for a month, as data with its date, and what a desk would pay. Pure.

Prices are in US dollars and without tax.
"""

from dataclasses import dataclass

AS_OF = "2026-11"
"""When these tables were read."""


@dataclass(frozen=True, slots=True)
class Use:
    """A desk's use: ``users`` in a month, ``messages`` on a day, ``connections`` at once."""

    users: int
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class AgoraPlan:
    """A plan by users, with ``connections`` included: one for each ten users.

    Each user or connection more costs ``per_user`` or ``per_connection``, up to ``most`` users;
    where these are None, there are no more.
    """

    name: str
    price: int
    users: int
    connections: int
    most: int
    per_user: float | None
    per_connection: float | None


@dataclass(frozen=True, slots=True)
class PusherPlan:
    """A plan with all its messages on a day and connections at once included."""

    name: str
    price: int
    messages: int
    connections: int


AGORA = (
    AgoraPlan("Free", 0, 500, 50, 500, None, None),
    AgoraPlan("Starter", 349, 5_000, 500, 50_000, 0.05, 5.0),
    AgoraPlan("Pro", 699, 10_000, 1_000, 100_000, 0.05, 5.0),
)
PUSHER = (
    PusherPlan("Sandbox", 0, 200_000, 100),
    PusherPlan("Startup", 49, 1_000_000, 500),
    PusherPlan("Pro", 99, 4_000_000, 2_000),
    PusherPlan("Business", 299, 10_000_000, 5_000),
    PusherPlan("Premium", 499, 20_000_000, 10_000),
    PusherPlan("Growth", 699, 40_000_000, 15_000),
)
BEYOND = "Enterprise"
"""The plan whose price nobody publishes."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The cheapest plan of a service for some use; ``price`` is None where it has to be asked."""

    service: str
    plan: str
    price: float | None


def offers(use: Use) -> tuple[Offer, Offer]:
    """Return what *use* would cost in a month at Agora Chat and at Pusher Channels."""
    agora = [(price, plan.name) for plan in AGORA if (price := _at_agora(plan, use)) is not None]
    pusher = [(float(plan.price), plan.name) for plan in PUSHER if _fits(plan, use)]
    return (
        _cheapest("Agora Chat", agora),
        _cheapest("Pusher Channels", pusher),
    )


def _at_agora(plan: AgoraPlan, use: Use) -> float | None:
    """Return what *use* costs under *plan*, None if the plan does not reach so far."""
    users = max(0, use.users - plan.users)
    connections = max(0, use.connections - plan.connections)
    if use.users > plan.most:
        return None
    if plan.per_user is None or plan.per_connection is None:
        return None if users or connections else float(plan.price)
    return plan.price + users * plan.per_user + connections * plan.per_connection


def _fits(plan: PusherPlan, use: Use) -> bool:
    return use.messages <= plan.messages and use.connections <= plan.connections


def _cheapest(service: str, found: list[tuple[float, str]]) -> Offer:
    if not found:
        return Offer(service, BEYOND, None)
    price, plan = min(found)
    return Offer(service, plan, price)
