"""What is asked of the relay, and what for, until it is answered. Pure.

Commands are not kept for later: what an agent wanted an hour ago may no longer be right.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from helpdesk_tui.model.desk import Desk
from helpdesk_tui.model.effects import Ask, Effects, Tell
from helpdesk_tui.model.refusals import Command, needless, phrase
from helpdesk_tui.model.tags import no_tag, tag_from
from relay.wire import agent

LIST_PAGE = 200

Question = Command | agent.Join | agent.HistoryBefore | agent.List | agent.Stats | agent.Search


class Asking:
    """The questions that are not answered yet. *new_ref* gives a string never given before."""

    def __init__(self, new_ref: Callable[[], str]) -> None:
        self.desk = Desk()
        self.online = False
        self.asked: dict[str, Question] = {}
        self.new_ref = new_ref

    def claim(self, number: int) -> Effects:
        """Take a request."""
        return self.command(agent.Claim(self.new_ref(), number))

    def release(self, number: int) -> Effects:
        """Put a request back into the queue."""
        return self.command(agent.Release(self.new_ref(), number))

    def transfer(self, number: int, to: int, note: str) -> Effects:
        """Give a request to the agent *to*, with a note for them if it is not empty."""
        return self.command(agent.Transfer(self.new_ref(), number, to, note.strip() or None))

    def close(self, number: int) -> Effects:
        """End a request."""
        return self.command(agent.Close(self.new_ref(), number))

    def reopen(self, number: int) -> Effects:
        """Take a closed request up again."""
        return self.command(agent.Reopen(self.new_ref(), number))

    def tag(self, number: int, add: Sequence[str], remove: Sequence[str]) -> Effects:
        """Put the tags meant by *add* on a request, and take tags off it."""
        if refused := next(filter(None, map(no_tag, (*add, *remove))), ""):
            return (Tell(refused),)
        tags = list(map(tag_from, add)), list(map(tag_from, remove))
        return self.command(agent.Tag(self.new_ref(), number, *tags))

    def set_status(self, status: Literal["online", "away"]) -> Effects:
        """Be at the desk, or away."""
        return self.command(agent.SetStatus(self.new_ref(), status))

    def list_requests(self, narrowed: agent.Filter, before: int | None = None) -> Effects:
        """Fetch requests that the welcome did not name."""
        return self.ask(agent.List(self.new_ref(), narrowed, before, LIST_PAGE))

    def count(self, since: str, until: str) -> Effects:
        """Fetch what the requests of a time come to."""
        if not self.online:
            return (Tell("Offline: the numbers come when the relay is back."),)
        return self.ask(agent.Stats(self.new_ref(), since, until))

    def command(self, command: Command) -> Effects:
        """Ask for *command*, or say that it cannot be asked for now."""
        if not self.online:
            return (Tell(f"Offline: {phrase(command)} again when the relay is back."),)
        if said := self.needless(command):
            return (Tell(said),)
        return self.ask(command)

    def needless(self, command: Command) -> str:
        """Return why *command* changes nothing; while another is under way, that is not known."""
        number = getattr(command, "request", None)
        under_way = (one for one in self.asked.values() if isinstance(one, Command))
        if any(getattr(one, "request", None) == number for one in under_way):
            return ""
        return needless(command, self.desk)

    def is_joining(self, number: int) -> bool:
        """Return whether an answer is to come to a `join` of request *number*."""
        joins = (question for question in self.asked.values() if isinstance(question, agent.Join))
        return any(join.request == number for join in joins)

    def ask(self, question: Question, after: float = 0.0) -> Effects:
        """Ask *question* in *after* seconds; it stands in ``asked`` until the answer comes."""
        self.asked[question.ref] = question
        return (Ask(question, after),)
