"""Prices of other services at the limits of every plan."""

import pytest

from cli.prices import Offer, Use, offers


@pytest.mark.parametrize(
    ("users", "connections", "plan", "price"),
    [
        (500, 50, "Free", 0),
        (501, 50, "Starter", 349),
        (500, 51, "Starter", 349),
        (5_000, 500, "Starter", 349),
        (5_001, 500, "Starter", 349.05),
        (5_000, 501, "Starter", 354),
        (1, 500, "Starter", 349),
        (5_009, 501, "Starter", 349 + 9 * 0.05 + 5),
        (5_010, 501, "Starter", 349 + 10 * 0.05),
        (1_000, 569, "Starter", 349 + 69 * 5),
        (1_000, 570, "Pro", 699),
        (10_000, 1_000, "Starter", 349 + 5_000 * 0.05),
        (12_001, 500, "Starter", 349 + 7_001 * 0.05),
        (50_000, 5_000, "Starter", 349 + 45_000 * 0.05),
        (50_000, 15_000, "Starter", 52_599),
        (50_001, 15_000, "Pro", 699 + 40_001 * 0.05 + 10_000 * 5),
        (99_999, 10_000, "Pro", 699 + 89_999 * 0.05 + 5),
        (100_000, 10_000, "Pro", 699 + 90_000 * 0.05),
        (50_001, 1_000, "Pro", 699 + 40_001 * 0.05),
        (100_000, 1_000, "Pro", 699 + 90_000 * 0.05),
        (100_001, 1, "Enterprise", None),
    ],
)
def test_agora_asks_for_users_and_connections(
    users: int, connections: int, plan: str, price: float | None
) -> None:
    offer = offers(Use(users, 1, connections))[0]
    assert (offer.service, offer.plan) == ("Agora Chat", plan)
    assert offer.price == (None if price is None else pytest.approx(price))


@pytest.mark.parametrize(
    ("messages", "connections", "plan", "price"),
    [
        (200_000, 100, "Sandbox", 0),
        (200_001, 100, "Startup", 49),
        (200_000, 101, "Startup", 49),
        (4_000_000, 2_000, "Pro", 99),
        (10_000_000, 5_000, "Business", 299),
        (1, 5_001, "Premium", 499),
        (20_000_001, 1, "Growth", 699),
        (40_000_000, 15_000, "Growth", 699),
        (40_000_001, 1, "Enterprise", None),
        (1, 15_001, "Enterprise", None),
    ],
)
def test_pusher_asks_for_messages_and_connections(
    messages: int, connections: int, plan: str, price: float | None
) -> None:
    assert offers(Use(1, messages, connections))[1] == Offer("Pusher Channels", plan, price)
