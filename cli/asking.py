"""What commands share that ask something of the desk: where it is, as flags, and the asking."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import flags

if TYPE_CHECKING:
    from cli.desk import Desk

Result = TypeVar("Result")

with_desk = flags.settings_flags("database", "url", "token")
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def at_the_desk(
    work: "Callable[[Desk], Awaitable[Result]]", given: dict[str, str | None]
) -> Result:
    """Do *work* at the desk that the flags *given* name, with an admin's rights."""
    from cli.desk import admin

    if given["database"] and given["url"]:
        raise flags.WrongUse("--database is a desk here, --url one elsewhere; give one of them.")
    settings = flags.load(**given)

    async def run() -> Result:
        async with admin(settings, at_url=given["url"] is not None) as desk:
            return await work(desk)

    return asyncio.run(run())
