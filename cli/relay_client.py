"""Connects a command to a relay, over the wire always, whether one runs already or not.

Chooses between the control socket of the relay that runs, that of one started for this command
alone, and a relay's address. It never opens the database itself.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from cli import output
from cli.displacement import require_place
from relay.client import (
    Disconnected,
    RelayConnection,
    Unreachable,
    connect_agent,
    connect_control,
    reconnect_delay,
)
from relay.errors import CloseCode, Code, HelpdeskError, HomeUnknownError, InUseError, StartError
from relay.sanitize import clean_line
from relay.store.backends import database_at
from relay.store.offline import DatabaseKind
from relay.version import PROGRAM_VERSION
from relay.wire import agent_in, agent_out
from relay.wire.codec import encode
from relay.wire.objects import Error

if TYPE_CHECKING:
    from relay.settings import Settings

ANSWER_TIMEOUT = 10.0
"""Seconds that the relay may take to answer."""
LOCKED_FOR, PAUSE = 30.0, 0.1
"""Seconds for which, and after which, a database that another process has is tried again."""
RETRY_FOR = 30.0
"""Seconds after the first loss of a connection for which a new one is tried."""

TOO_LONG = "That is longer than the relay takes; shorten it."

Answer = TypeVar("Answer", bound=Struct)
Result = TypeVar("Result")
AgentConnection = RelayConnection[agent_out.RelayFrame]


class RelayError(HelpdeskError):
    """An ``error`` frame that answers a request; ``code`` is the protocol's.

    ``retry_after``: seconds after which the same may be asked again.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(clean_line(message))
        self.code = code
        self.retry_after = retry_after


class RelayClient:
    """Connection after its ``hello``, which sends one request at a time."""

    def __init__(self, connection: AgentConnection, welcome: agent_out.Welcome) -> None:
        """Take over *connection*; :func:`agent_client` and :func:`admin_client` make one."""
        self.connection = connection
        self.welcome = welcome

    async def ask(self, frame: Struct, kind: type[Answer]) -> Answer:
        """Return the answer to *frame*, which is of *kind*; raise :exc:`RelayError` if refused.

        If the relay limits the rate, it waits as long as the relay says, and asks again.
        """
        # Else the relay would end the connection.
        if 0 < self.welcome.limits.frame < len(encode(frame)):
            raise RelayError("invalid", TOO_LONG)
        clock = asyncio.get_running_loop().time
        deadline = clock() + RETRY_FOR
        while True:
            try:
                return await _asked(self.connection, frame, kind)
            except RelayError as refused:
                wait = refused.retry_after
                if refused.code != Code.RATE_LIMITED or wait is None or clock() + wait > deadline:
                    raise
            await asyncio.sleep(wait)

    async def purge(
        self, frame: agent_in.Purge, on_progress: Callable[[int], None]
    ) -> agent_out.Purged:
        """Return the answer to *frame*; *on_progress* gets how many more are erased."""
        gone = 0
        await self.connection.send(frame)
        while True:
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    heard = await self.connection.receive()
            except TimeoutError:
                raise Unreachable("The relay does not answer; check that it runs well.") from None
            match heard:
                case agent_out.Purging(ref, erased) if ref == frame.ref:
                    on_progress(erased - gone)
                    gone = erased
                case agent_out.Purged(ref) if ref == frame.ref:
                    return heard
                case Error(code, message, ref) if ref == frame.ref:
                    raise RelayError(code, message)
                case _:
                    pass  # a push of what others do


async def _asked(connection: AgentConnection, frame: Struct, kind: type[Answer]) -> Answer:
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT):
            answer = await connection.call(frame)
    except TimeoutError:
        raise Unreachable("The relay does not answer; check that it runs well.") from None
    except Disconnected as ended:
        if ended.code != CloseCode.TOO_LARGE:
            raise
        raise RelayError("invalid", TOO_LONG) from ended
    if isinstance(answer, Error):
        raise RelayError(answer.code, answer.message, answer.retry_after)
    if not isinstance(answer, kind):
        raise Unreachable("The relay speaks another protocol; update the older side.")
    return answer


async def with_retry(
    connect: "Callable[[], AbstractAsyncContextManager[RelayClient]]",
    operation: "Callable[[RelayClient], Awaitable[Result]]",
) -> Result:
    """Run *operation* on what *connect* yields, with backoff on a new connection if one is lost.

    The operation must be idempotent. If the first connection fails, that is raised at once.
    """
    clock = asyncio.get_running_loop().time
    met, deadline, attempt = False, 0.0, 0
    while True:
        try:
            async with connect() as client:
                met = True
                return await operation(client)
        except (Disconnected, Unreachable) as error:
            stays = isinstance(error, Disconnected) and not error.may_reconnect
            deadline = deadline or clock() + RETRY_FOR
            if stays or clock() > deadline or not (met or isinstance(error, Disconnected)):
                raise
            if not attempt:
                output.info(f"{error} Trying again.")
        await asyncio.sleep(reconnect_delay(attempt, random.random()))  # noqa: S311 - only jitter
        attempt += 1


@asynccontextmanager
async def agent_client(url: str, token: str) -> AsyncIterator[RelayClient]:
    """Yield the desk at *url* as the agent with *token* sees it."""
    try:
        connection = await connect_agent(url)
    except Unreachable as error:
        reason = str(error).rstrip(".")
        raise Unreachable(f"{reason}; check the address, and that the relay runs.") from error
    async with connection:
        yield await hello(connection, token)


@asynccontextmanager
async def admin_client(
    settings: "Settings",
    *,
    at_url: bool = False,
    here: bool = False,
    as_: str | int | None = None,
    reads: bool = False,
) -> AsyncIterator[RelayClient]:
    """Yield the desk of *settings* with an admin's rights.

    *at_url*: surely not one here; *here*: surely one here, which may not be there yet.
    *as_* names the agent who speaks; *reads*: raise :exc:`StartError` if there is no desk yet.
    """
    async with AsyncExitStack() as stack:
        if not here and (at_url or _is_elsewhere(settings)):
            if as_ is not None:
                raise StartError("A token says who speaks at another machine; leave --as out.")
            client = await _elsewhere(settings, stack)
        else:
            client = await _here(settings, stack, as_, reads=reads)
        yield client


@asynccontextmanager
async def running_client(
    settings: "Settings", *, at_url: bool = False
) -> AsyncIterator[RelayClient]:
    """Yield the desk of *settings* as :func:`admin_client` does, but only of a relay that runs."""
    async with AsyncExitStack() as stack:
        if at_url or _is_elsewhere(settings):
            client = await _elsewhere(settings, stack)
        else:
            try:
                await asyncio.to_thread(require_place, settings)
                opening = await connect_control(settings.control_path)
            except Unreachable as error:
                raise Unreachable(f"{error} Start it with `helpdesk serve`.") from error
            client = await hello(await stack.enter_async_context(opening), None)
        yield client


async def _elsewhere(settings: "Settings", stack: AsyncExitStack) -> RelayClient:
    if settings.token is None:
        raise StartError(f"{settings.url} needs an admin's token; set HELPDESK_TOKEN.")
    token = settings.token.get_secret_value()
    return await stack.enter_async_context(agent_client(settings.url, token))


def _is_elsewhere(settings: "Settings") -> bool:
    """Return whether only an address is set, and there is no database."""
    given = settings.model_fields_set
    if "url" not in given or "database" in given:
        return False
    try:
        return not settings.database_path.exists()
    except HomeUnknownError:
        return True


async def _here(
    settings: "Settings", stack: AsyncExitStack, as_: str | int | None, *, reads: bool
) -> RelayClient:
    """Return the desk at the control socket of the relay that runs, or of one made here."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + LOCKED_FOR
    while True:
        try:
            opening = await _control(settings, stack, reads=reads)
            connection = await stack.enter_async_context(opening)
            client = await hello(connection, None, as_)
        except (InUseError, Disconnected):
            # A relay that starts or ends, or a command such as this, has the database; nothing
            # was asked of it yet.
            if clock() > deadline:
                raise
            await asyncio.sleep(PAUSE)
        else:
            return client


async def _control(settings: "Settings", stack: AsyncExitStack, *, reads: bool) -> AgentConnection:
    # Another thread, since the relay may be in this one.
    await asyncio.to_thread(require_place, settings)
    with suppress(Unreachable):
        return await connect_control(settings.control_path)
    if reads:
        nothing = {DatabaseKind.BLANK, DatabaseKind.LOST}
        database_at(settings.database_path).require(*(set(DatabaseKind) - nothing))
    from relay.server import control_only

    path = await stack.enter_async_context(control_only(settings))
    connection = await connect_control(path)
    # It ends with this command, and would cut off in the middle who else came to it.
    path.unlink()
    return connection


async def hello(
    connection: AgentConnection, token: str | None, as_: str | int | None = None
) -> RelayClient:
    """Return the desk behind *connection*; raise :exc:`RelayError` if it lets nobody in so."""
    client = f"{output.NAME}/{PROGRAM_VERSION}"
    frame = agent_in.Hello(ref="hello", token=token, client=client, queue=False, as_=as_)
    try:
        return RelayClient(connection, await _asked(connection, frame, agent_out.Welcome))
    except (RelayError, Disconnected) as error:
        if isinstance(error, RelayError) and error.code != "unauthorized":
            raise
        if isinstance(error, Disconnected) and error.may_reconnect:
            raise
        raise RelayError(
            "unauthorized",
            "The relay does not take this token; `helpdesk agent token NAME` makes a new one.",
        ) from error
