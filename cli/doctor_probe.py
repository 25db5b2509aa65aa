"""The round trip of `helpdesk doctor`: a message to an agent and back, which leaves nothing behind.

Opens a request as a customer, answers it at the control socket, and erases it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from relay.client import (
    Disconnected,
    RelayConnection,
    Unreachable,
    connect_control,
    connect_customer,
)
from relay.errors import HelpdeskError
from relay.wire import agent_in, agent_out, customer
from relay.wire.objects import Error, MessagePush, Sent

if TYPE_CHECKING:
    from relay.settings import Settings

from cli.displacement import displacement
from cli.doctor_checks import CheckResult, Outcome

ROUND_TRIP = "round trip"
ANSWER_PATIENCE, CLEAN_WITHIN = 8.0, 3.0
"""Seconds for the way around, and for what has to be done before it and after it went wrong."""
ASKS, ANSWERS = "Probe of `helpdesk doctor`", "Answered"
"""Cut where the desk allows less, and still not the same."""

Answer = TypeVar("Answer", bound=Struct)
Heard = TypeVar("Heard")


class ProbeError(HelpdeskError):
    """The probe's message was not delivered both ways."""


@dataclass
class Probe:
    """The customer's name, by which the probe is found again, and the request that it opened."""

    name: str
    number: int | None = None


async def round_trip(settings: "Settings", urls: Sequence[str]) -> CheckResult:
    """Send a message from a customer to an agent and back through the relay of *settings*.

    The customer connects to the first of *urls*, at which it listens.
    """
    if displacement(settings):
        says = "The relay stores nothing; see what is said of the database."
        return CheckResult(ROUND_TRIP, Outcome.NOT_RUN, says)
    try:
        async with asyncio.timeout(CLEAN_WITHIN):
            await (await connect_control(settings.control_path)).close()
    except Unreachable:
        return CheckResult(
            ROUND_TRIP, Outcome.NOT_RUN, "No relay has the database; start it and ask again."
        )
    except TimeoutError:
        return CheckResult(
            ROUND_TRIP, Outcome.FAILED, "The relay does not answer at its control socket."
        )
    if reason := _unable(settings, urls):
        return CheckResult(ROUND_TRIP, Outcome.NOT_RUN, reason)
    probe, began = Probe(f"doctor {token_hex(8)}"), perf_counter()
    try:
        async with asyncio.timeout(ANSWER_PATIENCE), AsyncExitStack() as stack:
            agent_side = await stack.enter_async_context(
                await connect_control(settings.control_path)
            )
            customer_side = await stack.enter_async_context(await connect_customer(urls[0]))
            await _exchange_messages(agent_side, customer_side, probe)
    except TimeoutError:
        says = f"It was not around within {ANSWER_PATIENCE:g} s."
    except (ProbeError, Unreachable, Disconnected) as error:
        says = str(error)
    else:
        took = (perf_counter() - began) * 1000
        return CheckResult(ROUND_TRIP, Outcome.OK, f"Asked, answered and erased in {took:.0f} ms.")
    return CheckResult(ROUND_TRIP, Outcome.FAILED, says + await clean_up(settings, probe))


async def clean_up(settings: "Settings", probe: Probe) -> str:
    """Erase what the probe may have left; return a sentence if that cannot be done."""
    try:
        async with asyncio.timeout(CLEAN_WITHIN):
            agent_side = await connect_control(settings.control_path)
            async with agent_side:
                await _erase(agent_side, probe)
    except (TimeoutError, ProbeError, Unreachable, Disconnected):
        which = "A request" if probe.number is None else f"Request #{probe.number}"
        return f" {which} of {probe.name} may be left; delete it with `helpdesk purge`."
    return ""


async def _erase(agent_side: RelayConnection[agent_out.RelayFrame], probe: Probe) -> None:
    await _ask(agent_side, agent_in.Hello(ref="hello", queue=False), agent_out.Welcome)
    own = agent_in.Filter(customer=probe.name)
    planned = await _ask(
        agent_side, agent_in.Purge(ref="plan", dry_run=True, filter=own), agent_out.Purged
    )
    if not planned.receipt.requests:
        return
    await agent_side.send(agent_in.Purge(ref="purge", dry_run=False, plan=planned.receipt.plan))
    while not isinstance(heard := await agent_side.receive(), agent_out.Purged):
        if isinstance(heard, Error):
            raise ProbeError(heard.message)


def _unable(settings: "Settings", urls: Sequence[str]) -> str | None:
    if not urls:
        return "The relay listens at no port yet; ask again."
    if settings.require_identity:
        return "The default site takes signed identities alone, and the probe has none."
    return None


async def _exchange_messages(
    agent_side: RelayConnection[agent_out.RelayFrame],
    customer_side: RelayConnection[customer.RelayFrame],
    probe: Probe,
) -> None:
    hello = agent_in.Hello(ref="hello", queue=False)
    own = await _ask(agent_side, hello, agent_out.Welcome)
    theirs = await _ask(customer_side, customer.Hello(ref="hello"), customer.Welcome)
    if own.epoch != theirs.epoch:
        raise ProbeError("Another relay listens at that port; check host and port.")
    most = theirs.limits.text or None
    asks, answers = ASKS[:most], ANSWERS[:most]
    opening = customer.Open(ref="open", name=probe.name, text=asks)
    opened = await _ask(customer_side, opening, customer.Opened)
    probe.number = opened.request.id
    await _ask(agent_side, agent_in.Send(ref="send", request=probe.number, text=answers), Sent)
    while not isinstance(push := await customer_side.receive(), MessagePush) or (
        push.message.text != answers
    ):
        pass
    await _ask(customer_side, customer.Forget(ref="forget"), customer.Forgotten)


async def _ask(connection: RelayConnection[Heard], frame: Struct, kind: type[Answer]) -> Answer:
    answer = await connection.call(frame)
    if isinstance(answer, Error):
        raise ProbeError(f"The relay refused ({answer.code}): {answer.message}")
    if not isinstance(answer, kind):
        raise ProbeError("The relay speaks another protocol; update the older side.")
    return answer
