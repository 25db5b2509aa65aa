"""Whether a message really goes around: a request is opened, answered, read and erased again.

The relay that runs is asked, as a customer at its port and as the desk at its control socket. What
stays is that a number was given out, and a line in the audit log.
"""

import asyncio
from contextlib import AsyncExitStack
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
PATIENCE = 15.0
"""Seconds for all of it."""
ASKS, ANSWERS = "A probe of `helpdesk doctor`; it is erased at once.", "Answered."
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what it is reached by

Answer = TypeVar("Answer", bound=Struct)
Heard = TypeVar("Heard")


class ProbeError(HelpdeskError):
    """The message did not go around."""


async def round_trip(settings: "Settings") -> Verdict:
    """Return whether the relay of *settings* takes a message around, if it runs."""
    try:
        desk = await connect_control(settings.control_path)
    except Unreachable:
        return Verdict(CHECK, Outcome.NOT_RUN, "No relay has the database; start it and ask again.")
    if reason := _unable(settings):
        await desk.close()
        return Verdict(CHECK, Outcome.NOT_RUN, reason)
    began = perf_counter()
    try:
        async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
            await stack.enter_async_context(desk)
            client = await stack.enter_async_context(await connect_customer(_url(settings)))
            await _go_around(desk, client)
    except TimeoutError:
        return Verdict(CHECK, Outcome.FAILED, f"It was not around within {PATIENCE:g} s.")
    except (ProbeError, Unreachable, Disconnected) as error:
        return Verdict(CHECK, Outcome.FAILED, str(error))
    took = (perf_counter() - began) * 1000
    return Verdict(CHECK, Outcome.OK, f"Asked, answered and erased in {took:.0f} ms.")


def _unable(settings: "Settings") -> str | None:
    if not settings.port:
        return "Its port is 0, a free one; name it with --port."
    if settings.require_identity:
        return "The default site takes signed identities alone, and the probe has none."
    return None


async def _go_around(
    desk: Connection[agent_hears.RelayFrame], client: Connection[customer.RelayFrame]
) -> None:
    hello = agent.Hello(ref="hello", queue=False)
    own = await _ask(desk, hello, agent_hears.Welcome)
    theirs = await _ask(client, customer.Hello(ref="hello"), customer.Welcome)
    if own.epoch != theirs.epoch:
        raise ProbeError("Another relay listens at that port; check host and port.")
    opened = await _ask(client, customer.Open(ref="open", text=ASKS), customer.Opened)
    try:
        number = opened.request.id
        await _ask(desk, agent.Send(ref="send", request=number, text=ANSWERS), Sent)
        while not isinstance(push := await client.receive(), MessagePush) or (
            push.message.text != ANSWERS
        ):
            pass
    finally:
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
