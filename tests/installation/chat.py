"""A chat with an installed relay: a customer over its socket, an agent with its command."""

import asyncio
import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from relay.client import RelayConnection, connect_customer
from relay.wire import customer
from relay.wire.objects import MessagePush
from tests.patience import PATIENCE

READY = "ready on"
Helpdesk = Callable[..., str]
"""Runs `helpdesk` with the given arguments and returns what it wrote."""


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    """Run the relay of *command* for the block; insist that it starts and ends well."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            said = []
            for line in process.stderr:
                said.append(line)
                if READY in line:
                    break
            else:
                raise AssertionError("".join(said))
            yield
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def chat(helpdesk: Helpdesk, port: int, words: str) -> None:
    """Open a request with *words* as a new customer and answer it; both sides see all of it."""
    asyncio.run(asyncio.wait_for(_chat(helpdesk, port, words), PATIENCE))


async def _chat(helpdesk: Helpdesk, port: int, words: str) -> None:
    async with await connect_customer(f"http://127.0.0.1:{port}") as line:
        await _answer(line, customer.Hello(ref="hello"), customer.Welcome)
        opening = customer.Open(ref="open", name="Ada", text=words)
        opened = await _answer(line, opening, customer.Opened)
        number = str(opened.request.id)
        answer = f"An answer to: {words}"
        await asyncio.to_thread(helpdesk, "send", number, answer, "--as", "Sam")
        while True:
            heard = await line.receive()
            if isinstance(heard, MessagePush) and heard.message.text == answer:
                break
    assert texts(helpdesk, number)[-2:] == [words, answer]


Answer = TypeVar("Answer")


async def _answer(
    line: RelayConnection[customer.RelayFrame], frame: customer.ClientFrame, kind: type[Answer]
) -> Answer:
    answer = await line.call(frame)
    assert isinstance(answer, kind), answer
    return answer


def texts(helpdesk: Helpdesk, number: str) -> list[str]:
    """Return the texts of a request, in order."""
    shown = json.loads(helpdesk("requests", "show", number, "--json"))
    return [said["text"] for said in shown["messages"] if said["kind"] == "text"]
