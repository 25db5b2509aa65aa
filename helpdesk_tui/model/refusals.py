"""What the agent is told when the relay refuses something. Pure."""

from typing import assert_never

from helpdesk_tui.model.desk import Desk
from helpdesk_tui.model.objects import sentence_from
from helpdesk_tui.model.outbox import Unsent
from relay.errors import Code
from relay.wire import agent
from relay.wire.objects import Error

RequestCommand = (
    agent.Claim | agent.Release | agent.Transfer | agent.Close | agent.Reopen | agent.Tag
)
Command = RequestCommand | agent.SetStatus


def phrase(command: Command) -> str:
    """Return what *command* does, from the verb on."""
    match command:
        case agent.Claim(request=number):
            return f"claim #{number}"
        case agent.Release(request=number):
            return f"release #{number}"
        case agent.Transfer(request=number):
            return f"transfer #{number}"
        case agent.Close(request=number):
            return f"close #{number}"
        case agent.Reopen(request=number):
            return f"reopen #{number}"
        case agent.Tag(request=number):
            return f"tag #{number}"
        case agent.SetStatus():
            return "change whether you are away"
        case _:
            assert_never(command)


def needless(command: Command, desk: Desk) -> str:
    """Return why *command* would change nothing, as far as is known; or nothing."""
    if isinstance(command, agent.SetStatus) or not (request := desk.known.get(command.request)):
        return ""
    number, holder, me = request.id, request.holder, desk.me
    match command:
        case agent.Reopen():
            return "" if request.closed else f"#{number} is open already."
        case agent.Claim() | agent.Release() | agent.Transfer() | agent.Close() if request.closed:
            return f"#{number} is closed already."
        case agent.Claim() if holder and me and holder.id == me.id:
            return f"#{number} is yours already."
        case agent.Release() if holder is None:
            return f"Nobody has claimed #{number}."
        case agent.Transfer(to=to) if holder and holder.id == to:
            return f"#{number} is with {holder.name} already."
        case _:
            return ""


def command_refused(command: Command, error: Error, desk: Desk) -> str:
    """Return the sentence for a refused *command*."""
    if isinstance(command, agent.SetStatus):
        return f"You could not {phrase(command)}: {sentence_from(error.message)}"
    number = command.request
    request = desk.requests.get(number)
    holder = request.holder.name if request and request.holder else "another agent"
    match error.code:
        case Code.CONFLICT if isinstance(command, agent.Reopen):
            return f"#{number} stays closed: the customer has another open request."
        case Code.CONFLICT:
            return f"#{number} was claimed by {holder} first."
        case Code.FORBIDDEN:
            return f"You may not {phrase(command)}; {holder} has claimed it."
        case Code.CLOSED:
            return f"#{number} is closed already."
        case Code.NOT_FOUND if isinstance(command, agent.Transfer):
            return f"#{number} stays: it, or that agent, is no longer there."
        case Code.NOT_FOUND:
            return f"#{number} is no longer there."
        case _:
            return f"#{number}: {sentence_from(error.message)}"


def text_refused(unsent: Unsent, error: Error) -> str:
    """Return why *unsent* will not be stored, as the end of a sentence."""
    number = unsent.request
    match error.code:
        case Code.CLOSED:
            return f"#{number} was closed before your text arrived"
        case Code.NOT_FOUND:
            return f"#{number} is no longer there"
        case Code.FORBIDDEN:
            return f"you may not write in #{number}"
        case _:
            said = sentence_from(error.message).rstrip(".")
            return f"the relay did not take your text for #{number} ({said})"
