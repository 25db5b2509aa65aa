"""`helpdesk send`: sends a text to a customer as an agent, exactly once."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from cli import options, output
from cli.command import AsJson, Which, desk_flags, run_operation

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.wire.objects import Sent

DIGITS = 15
"""Of the highest id that an agent can have."""


@desk_flags
def send(
    request: Which,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text; - reads stdin.")],
    as_: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="AGENT", help="The author: an agent of the desk on this machine."
        ),
    ] = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Answer a request as the agent of `login`, --token or --as."""
    import asyncio

    from relay.wire import agent_in
    from relay.wire.objects import Sent

    number = options.request_number(request)
    words = options.require_utf8("TEXT", output.given_text(text))
    if as_ is None and given["database"]:
        raise options.UsageError("--database: Say who speaks at that desk, with --as.")

    # The same frame over every connection: by its ref, no retry is stored twice.
    frame = agent_in.Send(ref=uuid4().hex, request=number, text=words)

    async def operation(client: "RelayClient") -> Sent:
        return await client.ask(frame, Sent)

    if as_ is None:
        sent = asyncio.run(_signed_in(operation, given))
    else:
        name = options.require_utf8("--as", as_)
        number_given = name.isascii() and name.isdecimal() and len(name) <= DIGITS
        who = int(name) if number_given else name
        sent = run_operation(operation, given, as_=who, reads=True, insists=True)
    if json:
        output.as_json({"request": number, "seq": sent.seq, "at": sent.at})
    else:
        output.info(f"#{number} has it as message {sent.seq}.")


async def _signed_in(
    operation: "Callable[[RelayClient], Awaitable[Sent]]", given: dict[str, str | None]
) -> "Sent":
    from cli import profile
    from cli.relay_client import agent_client, with_retry

    url, token = profile.where(options.load(**given), profile.read())
    return await with_retry(lambda: agent_client(url, token), operation)
