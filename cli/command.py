"""Shared by the commands that connect to a relay: the flags that locate it, and one operation."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import options
from relay.desk.request_query import ME
from relay.errors import StartError

if TYPE_CHECKING:
    from cli.filters import Filters
    from cli.profile import Profile
    from cli.relay_client import RelayClient
    from relay.settings import Settings
    from relay.wire.agent_in import Filter

Result = TypeVar("Result")

desk_flags = options.settings_flags("database", "url", "token")
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Which = Annotated[
    str,
    typer.Argument(
        metavar="REQUEST", help="The request's number.", callback=options.require_utf8_name
    ),
]


def run_operation(
    operation: "Callable[[RelayClient], Awaitable[Result]]",
    given: dict[str, str | None],
    *,
    as_: str | int | None = None,
    reads: bool = False,
    insists: bool = False,
    agents_may: bool = False,
) -> Result:
    """Run *operation* on the desk that the flags *given* name, with an admin's rights.

    *as_* is the agent who then is the author; *reads*: no desk is made where there is none;
    *insists*: again if the connection is lost (see :func:`cli.relay_client.with_retry`);
    *agents_may*: where there is no desk, on that of `helpdesk login`, with that agent's rights.
    """
    import asyncio

    from cli.relay_client import admin_client, agent_client, with_retry
    from relay.client import Disconnected

    settings = settings_of(given)
    at_url = given["url"] is not None
    connect: Callable[[], AbstractAsyncContextManager[RelayClient]]
    signed_in = _signed_in(settings, at_url=at_url) if agents_may else None
    if signed_in is None:
        connect = partial(admin_client, settings, at_url=at_url, as_=as_, reads=reads)
    else:
        connect = partial(agent_client, signed_in.url, signed_in.token)

    async def run() -> Result:
        if insists:
            return await with_retry(connect, operation)
        try:
            async with connect() as client:
                return await operation(client)
        except Disconnected as lost:
            if not lost.may_reconnect:
                raise
            said = str(lost).rstrip(".")
            done = "" if reads else ", maybe after it did what was asked; look, and"
            raise StartError(f"{said}{done or ';'} try again.") from lost

    return asyncio.run(run())


def _signed_in(settings: "Settings", *, at_url: bool) -> "Profile | None":
    """Return where the agent who works here is signed in, None if *settings* name a desk."""
    from cli import profile
    from relay.errors import HomeUnknownError

    given = settings.model_fields_set
    if settings.token or ("database" in given and not at_url):
        return None
    try:
        if not at_url and settings.database_path.exists():
            return None
    except HomeUnknownError:
        pass  # there is no place for a desk
    saved = profile.read()
    is_meant = saved is not None and ("url" not in given or settings.url == saved.url)
    return saved if is_meant else None


def settings_of(given: dict[str, str | None]) -> "Settings":
    """Return the settings under the flags *given*, which name one desk at most."""
    if given["database"] and given["url"]:
        raise options.UsageError(
            "--database is a desk here, --url one elsewhere; give one of them."
        )
    return options.load(**given)


async def wire_filter(
    client: "RelayClient",
    chosen: "Filters",
    *,
    closed_before: datetime | None = None,
    numbers: list[int] | None = None,
) -> "Filter":
    """Return *chosen* for the relay; an agent's name is looked up there."""
    from relay.wire import agent_in, agent_out

    customer = chosen.customer
    if isinstance(customer, int):
        one = agent_in.List(ref="customer", filter=agent_in.Filter(customer=customer), limit=1)
        found = await client.ask(one, agent_out.Listed)
        customer = customer if found.requests else str(customer)
    known: list[tuple[int, str]] = []
    if chosen.agent is not None or chosen.by not in {None, ME}:
        agents = client.welcome.agents
        if client.welcome.agent is None or client.welcome.agent.role == "admin":
            # Disabled ones, too, which only admins may know of.
            listed = await client.ask(agent_in.Agents(ref="agents"), agent_out.AgentsListed)
            agents = listed.agents
        known = [(one.id, one.name) for one in agents]
    if chosen.by == ME:
        if client.welcome.agent is None:
            raise options.UsageError("QUERY: Nobody is signed in here; name the agent, as by:NAME.")
        chosen = replace(chosen, by=None, agent=str(client.welcome.agent.id))
        known = [(client.welcome.agent.id, "")]
    return agent_in.Filter(
        # Checked with the flags.
        status=chosen.status,  # type: ignore[arg-type]
        agent=chosen.agent_id(known),
        customer=customer,
        site=chosen.site,
        tag=chosen.tag,
        since=rfc3339(chosen.since),
        until=rfc3339(chosen.until),
        closed_before=rfc3339(closed_before),
        text=chosen.search,
        requests=numbers,
        newest=chosen.limit,
    )


def rfc3339(at: datetime | None) -> str | None:
    """Return *at*, which has a zone, as the protocol spells times; None stays None."""
    return None if at is None else at.isoformat(timespec="milliseconds")
