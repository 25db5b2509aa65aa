"""What the agent is told when the relay refuses something. Pure."""

from typing import assert_never

from helpdesk_tui.model.desk import Desk
from helpdesk_tui.model.objects import sentence_from
from helpdesk_tui.model.outbox import Unsent
from relay.errors import Code
from relay.wire import agent
from relay.wire.objects import Error

Command = agent.Claim | agent.Release | agent.Close


def verb(command: Command) -> str:
    """Return what *command* does, as a verb."""
    match command:
        case agent.Claim():
            return "claim"
        case agent.Release():
            return "release"
        case agent.Close():
            return "close"
        case _:
            assert_never(command)


def command_refused(command: Command, error: Error, desk: Desk) -> str:
    """Return the sentence for a refused *command*."""
    number = command.request
    request = desk.requests.get(number)
    holder = request.holder.name if request and request.holder else "another agent"
    match error.code:
        case Code.CONFLICT:
            return f"#{number} was claimed by {holder} first."
        case Code.FORBIDDEN:
            return f"You may not {verb(command)} #{number}; {holder} has claimed it."
        case Code.CLOSED:
            return f"#{number} is closed already."
        case Code.NOT_FOUND:
            return f"#{number} is no longer there."
        case _:
            return f"#{number}: {sentence_from(error.message)}"


def text_refused(unsent: Unsent, error: Error) -> str:
    """Return the sentence for a text that will not be stored; it is a draft again."""
    number = unsent.request
    match error.code:
        case Code.CLOSED:
            reason = f"#{number} was closed before your text arrived"
        case Code.NOT_FOUND:
            reason = f"#{number} is no longer there"
        case Code.FORBIDDEN:
            reason = f"you may not write in #{number}"
        case _:
            reason = f"the relay did not take your text for #{number}"
            reason += f" ({sentence_from(error.message).rstrip('.')})"
    return f"Not sent: {reason}. It is a draft again."
