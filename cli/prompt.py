"""Asks on the terminal without blocking the event loop, so that a connection stays alive.

Never reads in a thread of its own: nothing could end that but a line.
"""

import asyncio
import sys

from cli import output


async def asked(question: str, default: str) -> str:
    """Return the answer to *question* as :func:`cli.output.ask` does, while all else goes on."""
    output.begin_question(question, default)
    await _something_typed()
    return output.end_question(default)


async def _something_typed() -> None:
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin, typed.set)
    except (OSError, ValueError):
        return  # a file, or nothing: it keeps nobody waiting
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
