"""Commands to the relay, pending until answered, and sentences for refusals. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Literal, assert_never

from helpdesk_tui.model.desk_state import DeskState
from helpdesk_tui.model.effects import Effects, SendFrame, ShowNotice
from helpdesk_tui.model.objects import sentence_from
from helpdesk_tui.model.outbox import Unsent
from relay.errors import Code
from relay.sanitize import TAG
from relay.wire import agent_in
from relay.wire.objects import Error

NO_TAG = "A tag has only letters a to z, digits and hyphens, at most 32."
_TAG = re.compile(TAG)


def normalize_tag(typed: str) -> str:
    """Return *typed* as a tag: in lower case, with hyphens for spaces."""
    return "-".join(typed.casefold().split())


def tag_error(typed: str) -> str:
    """Return why *typed* is no valid tag, as a sentence; empty if it is one."""
    return "" if _TAG.match(normalize_tag(typed)) else NO_TAG


RequestCommand = (
    agent_in.Claim
    | agent_in.Release
    | agent_in.Transfer
    | agent_in.Close
    | agent_in.Reopen
    | agent_in.Tag
)
Command = RequestCommand | agent_in.SetStatus


def describe(command: Command) -> str:
    """Return what *command* does, from the verb on."""
    match command:
        case agent_in.Claim(request=number):
            return f"claim #{number}"
        case agent_in.Release(request=number):
            return f"release #{number}"
        case agent_in.Transfer(request=number):
            return f"transfer #{number}"
        case agent_in.Close(request=number):
            return f"close #{number}"
        case agent_in.Reopen(request=number):
            return f"reopen #{number}"
        case agent_in.Tag(request=number):
            return f"tag #{number}"
        case agent_in.SetStatus():
            return "change whether you are away"
        case _:
            assert_never(command)


def needless(command: Command, desk: DeskState) -> str:
    """Return why *command* would change nothing, as far as is known; empty if it would."""
    if isinstance(command, agent_in.SetStatus) or not (request := desk.known.get(command.request)):
        return ""
    number, holder, me = request.id, request.holder, desk.me
    match command:
        case agent_in.Reopen():
            return "" if request.closed else f"#{number} is open already."
        case agent_in.Claim() | agent_in.Release() | agent_in.Transfer() | agent_in.Close() if (
            request.closed
        ):
            return f"#{number} is closed already."
        case agent_in.Claim() if holder and me and holder.id == me.id:
            return f"#{number} is yours already."
        case agent_in.Release() if holder is None:
            return f"Nobody has claimed #{number}."
        case agent_in.Transfer(to=to) if holder and holder.id == to:
            return f"#{number} is with {holder.name} already."
        case _:
            return ""


def refusal_text(command: Command, error: Error, desk: DeskState) -> str:
    """Return the sentence for a refused *command*."""
    if isinstance(command, agent_in.SetStatus):
        return f"You could not {describe(command)}: {sentence_from(error.message)}"
    number = command.request
    request = desk.requests.get(number)
    holder = request.holder.name if request and request.holder else "another agent"
    match error.code:
        case Code.CONFLICT if isinstance(command, agent_in.Reopen):
            return f"#{number} stays closed: the customer has another open request."
        case Code.CONFLICT:
            return f"#{number} was claimed by {holder} first."
        case Code.FORBIDDEN:
            return f"You may not {describe(command)}; {holder} has claimed it."
        case Code.CLOSED:
            return f"#{number} is closed already."
        case Code.NOT_FOUND if isinstance(command, agent_in.Transfer):
            return f"#{number} stays: it, or that agent, is no longer there."
        case Code.NOT_FOUND:
            return f"#{number} is no longer there."
        case _:
            return f"#{number}: {sentence_from(error.message)}"


def text_refusal(unsent: Unsent, error: Error) -> str:
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


LIST_PAGE = 200

CallFrame = (
    Command
    | agent_in.Join
    | agent_in.HistoryBefore
    | agent_in.List
    | agent_in.Stats
    | agent_in.Search
)


class PendingCommands:
    """The calls to the relay that are not answered yet. *new_ref* gives unique strings."""

    def __init__(self, new_ref: Callable[[], str]) -> None:
        self.desk = DeskState()
        self.online = False
        self.pending: dict[str, CallFrame] = {}
        self.new_ref = new_ref

    def claim(self, number: int) -> Effects:
        """Claim a request."""
        return self.command(agent_in.Claim(self.new_ref(), number))

    def release(self, number: int) -> Effects:
        """Release a request to the queue."""
        return self.command(agent_in.Release(self.new_ref(), number))

    def transfer(self, number: int, to: int, note: str) -> Effects:
        """Transfer a request to the agent *to*, with a note for them if it is not empty."""
        return self.command(agent_in.Transfer(self.new_ref(), number, to, note.strip() or None))

    def close(self, number: int) -> Effects:
        """End a request."""
        return self.command(agent_in.Close(self.new_ref(), number))

    def reopen(self, number: int) -> Effects:
        """Reopen a closed request."""
        return self.command(agent_in.Reopen(self.new_ref(), number))

    def tag(self, number: int, add: Sequence[str], remove: Sequence[str]) -> Effects:
        """Add tags to a request, normalized from *add*, and remove tags."""
        if refused := next(filter(None, map(tag_error, (*add, *remove))), ""):
            return (ShowNotice(refused),)
        tags = list(map(normalize_tag, add)), list(map(normalize_tag, remove))
        return self.command(agent_in.Tag(self.new_ref(), number, *tags))

    def set_status(self, status: Literal["online", "away"]) -> Effects:
        """Set this agent's status."""
        return self.command(agent_in.SetStatus(self.new_ref(), status))

    def list_requests(self, narrowed: agent_in.Filter, before: int | None = None) -> Effects:
        """Fetch requests that the welcome did not contain."""
        return self.call(agent_in.List(self.new_ref(), narrowed, before, LIST_PAGE))

    def count(self, since: str, until: str) -> Effects:
        """Fetch the statistics of a period."""
        if not self.online:
            return (ShowNotice("Offline: the numbers come when the relay is back."),)
        return self.call(agent_in.Stats(self.new_ref(), since, until))

    def command(self, command: Command) -> Effects:
        """Send *command*, or notify why it cannot be sent now."""
        if not self.online:
            return (ShowNotice(f"Offline: {describe(command)} again when the relay is back."),)
        if said := self.needless(command):
            return (ShowNotice(said),)
        return self.call(command)

    def needless(self, command: Command) -> str:
        """Return why *command* changes nothing; unknown, so empty, while another is pending."""
        number = getattr(command, "request", None)
        under_way = (one for one in self.pending.values() if isinstance(one, Command))
        if any(getattr(one, "request", None) == number for one in under_way):
            return ""
        return needless(command, self.desk)

    def is_joining(self, number: int) -> bool:
        """Return whether a `join` of request *number* is pending."""
        joins = (frame for frame in self.pending.values() if isinstance(frame, agent_in.Join))
        return any(join.request == number for join in joins)

    def call(self, frame: CallFrame, after: float = 0.0) -> Effects:
        """Send *frame* in *after* seconds; it is in ``pending`` until the answer comes."""
        self.pending[frame.ref] = frame
        return (SendFrame(frame, after),)
