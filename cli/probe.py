"""Whether a message really goes around: a request is opened, answered, read and erased again.

The relay that runs is asked, as a customer at its port and as the desk at its control socket. What
stays is that a number was given out, and a line in the audit log.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from cli.verdicts import Outcome, Verdict
from relay.client import Connection, Disconnected, Unreachable, connect_control, connect_customer
from relay.errors import HelpdeskError
from relay.wire import agent, agent_hears, customer
from relay.wire.objects import Error, MessagePush, Sent

if TYPE_CHECKING:
    from relay.settings import Settings

CHECK = "round trip"
PATIENCE, CLEAN_WITHIN = 8.0, 3.0
"""Seconds for the way around, and for what has to be done before it and after it went wrong."""
ASKS, ANSWERS = "Probe of `helpdesk doctor`", "Answered"
"""Cut where the desk allows less, and still not the same."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what it is reached by

Answer = TypeVar("Answer", bound=Struct)
Heard = TypeVar("Heard")


class ProbeError(HelpdeskError):
    """The message did not go around."""


@dataclass
class Probe:
    """What the probe is called, so that it is found again, and the request that it opened."""

    name: str
    number: int | None = None


async def round_trip(settings: "Settings") -> Verdict:
    """Return whether the relay of *settings* takes a message around, if it runs."""
    try:
        async with asyncio.timeout(CLEAN_WITHIN):
            await (await connect_control(settings.control_path)).close()
    except Unreachable:
        return Verdict(CHECK, Outcome.NOT_RUN, "No relay has the database; start it and ask again.")
    except TimeoutError:
        return Verdict(CHECK, Outcome.FAILED, "The relay does not answer at its control socket.")
    if reason := _unable(settings):
        return Verdict(CHECK, Outcome.NOT_RUN, reason)
    probe, began = Probe(f"doctor {token_hex(8)}"), perf_counter()
    try:
        async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
            desk = await stack.enter_async_context(await connect_control(settings.control_path))
            client = await stack.enter_async_context(await connect_customer(_url(settings)))
            await _go_around(desk, client, probe)
    except TimeoutError:
        says = f"It was not around within {PATIENCE:g} s."
    except (ProbeError, Unreachable, Disconnected) as error:
        says = str(error)
    else:
        took = (perf_counter() - began) * 1000
        return Verdict(CHECK, Outcome.OK, f"Asked, answered and erased in {took:.0f} ms.")
    return Verdict(CHECK, Outcome.FAILED, says + await cleaned_up(settings, probe))


async def cleaned_up(settings: "Settings", probe: Probe) -> str:
    """Erase what the probe may have left; return a sentence if that cannot be done."""
    try:
        async with asyncio.timeout(CLEAN_WITHIN):
            desk = await connect_control(settings.control_path)
            async with desk:
                await _erase(desk, probe)
    except (TimeoutError, ProbeError, Unreachable, Disconnected):
        which = "A request" if probe.number is None else f"Request #{probe.number}"
        return f" {which} of {probe.name} may be left; delete it with `helpdesk purge`."
    return ""


async def _erase(desk: Connection[agent_hears.RelayFrame], probe: Probe) -> None:
    await _ask(desk, agent.Hello(ref="hello", queue=False), agent_hears.Welcome)
    own = agent.Filter(customer=probe.name)
    planned = await _ask(
        desk, agent.Purge(ref="plan", dry_run=True, filter=own), agent_hears.Purged
    )
    if not planned.receipt.requests:
        return
    await desk.send(agent.Purge(ref="purge", dry_run=False, plan=planned.receipt.plan))
    while not isinstance(heard := await desk.receive(), agent_hears.Purged):
        if isinstance(heard, Error):
            raise ProbeError(heard.message)


def _unable(settings: "Settings") -> str | None:
    if not settings.port:
        return "Its port is 0, a free one; name it with --port."
    if settings.require_identity:
        return "The default site takes signed identities alone, and the probe has none."
    return None


async def _go_around(
    desk: Connection[agent_hears.RelayFrame],
    client: Connection[customer.RelayFrame],
    probe: Probe,
) -> None:
    hello = agent.Hello(ref="hello", queue=False)
    own = await _ask(desk, hello, agent_hears.Welcome)
    theirs = await _ask(client, customer.Hello(ref="hello"), customer.Welcome)
    if own.epoch != theirs.epoch:
        raise ProbeError("Another relay listens at that port; check host and port.")
    most = theirs.limits.text or None
    asks, answers = ASKS[:most], ANSWERS[:most]
    opening = customer.Open(ref="open", name=probe.name, text=asks)
    opened = await _ask(client, opening, customer.Opened)
    probe.number = opened.request.id
    await _ask(desk, agent.Send(ref="send", request=probe.number, text=answers), Sent)
    while not isinstance(push := await client.receive(), MessagePush) or (
        push.message.text != answers
    ):
        pass
    await _ask(client, customer.Forget(ref="forget"), customer.Forgotten)


async def _ask(connection: Connection[Heard], frame: Struct, kind: type[Answer]) -> Answer:
    answer = await connection.call(frame)
    if isinstance(answer, Error):
        raise ProbeError(f"The relay refused ({answer.code}): {answer.message}")
    if not isinstance(answer, kind):
        raise ProbeError("The relay speaks another protocol; update the older side.")
    return answer


def _url(settings: "Settings") -> str:
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
