"""What follows from a frame or a command, carried out: to the relay, to the disk, to the agent.

The console and its plain form both carry out the same way; how something is shown is theirs.
"""

from typing import Protocol, assert_never

from helpdesk_tui.keeping import Keeper
from helpdesk_tui.link.link import Link
from helpdesk_tui.model.effects import Ask, Deliver, Effect, Effects, Keep, Recall, Show, Tell
from helpdesk_tui.model.seat import Seat


class Shows(Protocol):
    """Who shows an agent what follows."""

    def say(self, sentence: str) -> None:
        """Say *sentence* to the agent."""

    def show_open(self) -> None:
        """Show the request that is open now, with its draft, or that none is."""

    def before_recall(self) -> Effects:
        """What the agent has just written is about to leave the seat."""


class Carrier:
    """Carries out what follows at *seat*."""

    def __init__(self, seat: Seat, link: Link, keeper: Keeper, shows: Shows) -> None:
        self._seat, self._link, self._keeper, self._shows = seat, link, keeper, shows

    def do(self, effects: Effects) -> None:
        """Carry out *effects*, one after the other."""
        for effect in effects:
            self._do_one(effect)

    def _do_one(self, effect: Effect) -> None:
        match effect:
            case Ask(frame=frame, after=after):
                self._link.ask(frame, after)
            case Deliver(unsent=unsent):
                self._link.deliver(unsent, self._seat.visit)
            case Keep(request=number, at_once=at_once):
                self._keeper.changed(number)
                if at_once:
                    self._keeper.flush()
            case Recall(agent=me, epoch=epoch):
                self.do(self._shows.before_recall())
                self.do(self._keeper.recall(me, epoch))
            case Show():
                self._shows.show_open()
            case Tell(sentence=sentence):
                self._shows.say(sentence)
            case _:
                assert_never(effect)
