"""`helpdesk agent`: adds, lists and disables agents. A token is written once, to stdout alone."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.command import AsJson, desk_flags, run_operation
from cli.filters import one_agent
from relay.errors import StartError

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.wire.agent_out import AgentAdded
    from relay.wire.objects import AgentObject

app = typer.Typer(help="Add, list and disable agents, and give them tokens.", rich_markup_mode=None)
Who = Annotated[
    str,
    typer.Argument(
        metavar="NAME_OR_ID", help="The agent's name or number.", callback=options.require_utf8_name
    ),
]


class Role(StrEnum):
    """The role of an agent; an admin also runs the desk."""

    AGENT = "agent"
    ADMIN = "admin"


@app.command()
@desk_flags
def add(
    name: Annotated[
        str,
        typer.Argument(help="The name that customers see.", callback=options.require_utf8_name),
    ],
    role: Annotated[Role, typer.Option(help="Admins also manage the desk.")] = Role.AGENT,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Add an agent, and print their token, which is not shown again."""
    output.require_stdout()
    added = run_operation(lambda client: add_agent(client, name, role), given)
    write_token(added.agent, added.token, json=json)


@app.command("list")
@desk_flags
def list_agents(json: AsJson = False, **given: str | None) -> None:
    """List all agents, disabled ones too."""
    agents = run_operation(_all, given, reads=True)
    if json:
        output.as_json([_plain(agent) | {"status": _status(agent)} for agent in agents])
    else:
        from relay.sanitize import printable_line

        rows = [
            (str(agent.id), printable_line(agent.name), agent.role, _status(agent))
            for agent in agents
        ]
        output.table(("ID", "NAME", "ROLE", "STATUS"), rows)


@app.command()
@desk_flags
def token(name_or_id: Who, json: AsJson = False, **given: str | None) -> None:
    """Replace an agent's token and print the new one; the old one is invalid at once."""
    from relay.wire import agent_in, agent_out

    async def operation(client: "RelayClient") -> agent_out.AgentTokenMade:
        found = await _find(client, name_or_id)
        frame = agent_in.AgentToken(ref="token", agent=found.id)
        return await client.ask(frame, agent_out.AgentTokenMade)

    output.require_stdout()
    made = run_operation(operation, given)
    write_token(made.agent, made.token, json=json)


@app.command()
@desk_flags
def disable(name_or_id: Who, json: AsJson = False, **given: str | None) -> None:
    """Disable an agent at once; their messages are kept."""
    name = _set_disabled(name_or_id, given, disabled=True, json=json)
    output.info(f"{name} is disabled; `helpdesk agent enable` lets them in again.")


@app.command()
@desk_flags
def enable(name_or_id: Who, json: AsJson = False, **given: str | None) -> None:
    """Enable a disabled agent, with the same token."""
    name = _set_disabled(name_or_id, given, disabled=False, json=json)
    output.info(f"{name} may sign in again.")


async def add_agent(client: "RelayClient", name: str, role: Role) -> "AgentAdded":
    """Add the agent *name* and return their token; raise an error with the remedy if refused."""
    from cli.relay_client import RelayError
    from relay.wire import agent_in, agent_out

    try:
        frame = agent_in.AgentAdd(ref="add", name=name, role=role.value)
        return await client.ask(frame, agent_out.AgentAdded)
    except RelayError as error:
        if error.code == "conflict":
            taken = str(error).rstrip(".")
            raise RelayError(
                error.code,
                f"{taken}; choose another name, or make a new token with `helpdesk agent token`.",
            ) from error
        if error.code == "invalid":
            raise options.UsageError("A name has 1 to 100 characters; give another.") from error
        raise


async def _all(client: "RelayClient") -> "list[AgentObject]":
    from relay.wire import agent_in, agent_out

    return (await client.ask(agent_in.Agents(ref="agents"), agent_out.AgentsListed)).agents


async def _find(client: "RelayClient", name_or_id: str) -> "AgentObject":
    """Return the agent of that name or, if there is none, of that number."""
    agents = {agent.id: agent for agent in await _all(client)}
    return agents[one_agent(name_or_id, ((agent.id, agent.name) for agent in agents.values()))]


def _set_disabled(
    name_or_id: str, given: dict[str, str | None], *, disabled: bool, json: bool
) -> str:
    """Let an agent in or keep them out; return their name."""
    from relay.wire import agent_in, agent_out

    async def operation(client: "RelayClient") -> "AgentObject":
        found = await _find(client, name_or_id)
        frame = agent_in.AgentSet(ref="set", agent=found.id, disabled=disabled)
        await client.ask(frame, agent_out.Ok)
        return found

    found = run_operation(operation, given)
    if json:
        output.as_json(_plain(found) | {"disabled": disabled})
    return found.name


def _plain(agent: "AgentObject") -> dict[str, object]:
    return {"id": agent.id, "name": agent.name, "role": agent.role}


def _status(agent: "AgentObject") -> str:
    return "disabled" if agent.disabled is True else agent.status


def write_token(
    agent: "AgentObject",
    token: str,
    *,
    json: bool,
    more: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Write *token*; raise :exc:`StartError` with what to do if it cannot be read anywhere.

    JSON has the fields *more*, too.
    """
    if not json:
        output.info(
            f"{agent.name} is agent {agent.id}; this token for `helpdesk login` is shown once:"
        )
    try:
        if json:
            output.as_json(_plain(agent) | {"token": token, **more})
        else:
            output.data(token)
    except OSError as error:
        output.discard_stdout()
        raise StartError(
            f"The token of {agent.name} was made but not written ({error.strerror}); "
            f"make another with `helpdesk agent token {agent.id}`."
        ) from error
