"""Metrics page of a relay, parsed by the Prometheus library."""

import asyncio
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.relay.plain_http import Listens, http
from tests.patience import PATIENCE

Figures = dict[str, float]
"""By name and labels, as `helpdesk_requests{status="active"}`."""


async def scrape(desk: Listens) -> Figures:
    """Return all figures; each stands there once."""
    reply = await http(desk, "/metrics")
    assert reply.status == 200, reply
    figures: Figures = {}
    for family in text_string_to_metric_families(reply.body.decode()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            name = f"{sample.name}{{{labels}}}" if labels else sample.name
            assert name not in figures
            figures[name] = sample.value
    return figures


async def scraped(desk: Listens, good: Callable[[Figures], bool]) -> Figures:
    """Return the figures as soon as they are *good*."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not good(figures := await scrape(desk)):
                pass
    except TimeoutError:
        raise AssertionError(f"never so: {figures}") from None
    return figures
