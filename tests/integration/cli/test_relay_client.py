"""A command's questions to the relay: what is too long, and what comes too fast."""

import asyncio
from typing import cast

import pytest
from msgspec import Struct

from cli.relay_client import AgentConnection, RelayClient, RelayError
from relay.errors import Code
from relay.wire import agent_in, agent_out
from relay.wire.objects import Error, Limits

WELCOME = agent_out.Welcome("hello", "epoch", None, [], [], False, [], Limits(4_000, 500, 1.0, 1))
STATUS = agent_in.SetStatus(ref="status", status="away")
TOO_FAST = Error(Code.RATE_LIMITED, "Too many messages; wait 0.01 s.", "status", 0.01)


class Connection:
    """A connection that gives one answer after the other, and counts the questions."""

    def __init__(self, *answers: Struct) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def call(self, _frame: Struct) -> Struct:
        self.asked += 1
        return self._answers.pop(0)


def ask(connection: Connection, frame: Struct) -> agent_out.Ok:
    client = RelayClient(cast("AgentConnection", connection), WELCOME)
    return asyncio.run(client.ask(frame, agent_out.Ok))


def test_who_asks_too_fast_waits_and_asks_again() -> None:
    connection = Connection(TOO_FAST, TOO_FAST, agent_out.Ok("status"))
    assert ask(connection, STATUS) == agent_out.Ok("status")
    assert connection.asked == 3


@pytest.mark.parametrize(
    "refused",
    [
        Error(Code.RATE_LIMITED, "Too many messages; wait 40 s.", "status", 40.0),
        Error(Code.UNAVAILABLE, "The disk is full.", "status", 0.01),
    ],
)
def test_what_takes_long_or_is_no_matter_of_time_is_told_at_once(refused: Error) -> None:
    connection = Connection(refused)
    with pytest.raises(RelayError, match=refused.message):
        ask(connection, STATUS)
    assert connection.asked == 1


def test_what_is_too_long_is_not_sent() -> None:
    connection = Connection()
    with pytest.raises(RelayError, match="longer than the relay takes"):
        ask(connection, agent_in.Send(ref="send", request=1, text="x" * 500))
    assert connection.asked == 0
