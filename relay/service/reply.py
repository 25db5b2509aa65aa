"""Reply: the one answer that a frame gets, wherever the frame came from."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from relay.errors import Refused
from relay.wire.objects import OutboundFrame

T = TypeVar("T")


class Reply(ABC):
    """Answers one frame: exactly one call of :meth:`ok`, :meth:`error` or :meth:`done`.

    Subclasses deliver the answer. What waits for it (the next frame, a count of unanswered frames)
    is theirs alone; handlers only answer.
    """

    __slots__ = ("_on_committed", "ref", "stores")

    def __init__(self, ref: str | None) -> None:
        """Answer the frame called *ref*, None if it wants no answer."""
        self.ref = ref
        self.stores = False
        """True once a job of the store decides the answer."""
        self._on_committed: Callable[[Any], None] | None = None

    @abstractmethod
    def ok(self, frame: OutboundFrame) -> None:
        """Answer with *frame*."""

    @abstractmethod
    def error(self, refused: Refused) -> None:
        """Answer with an error."""

    @abstractmethod
    def done(self) -> None:
        """Finish without an answer."""

    @abstractmethod
    def push(self, frame: OutboundFrame) -> None:
        """Send *frame* besides the answer, before or after it, as progress or as an event."""

    @abstractmethod
    def detach(self) -> None:
        """Let later frames be handled before this one is answered, because that takes long."""

    def after(self, on_committed: Callable[[T], None]) -> Callable[[T | Refused], None]:
        """Return the callback for a job of the store, whose refusal becomes an error.

        *on_committed* is called with its result and has to answer.
        """
        self.stores = True
        self._on_committed = on_committed
        return self._settle

    def _settle(self, outcome: T | Refused) -> None:
        # It leads back here: without it no cycle is left for the garbage collector.
        on_committed, self._on_committed = self._on_committed, None
        if isinstance(outcome, Refused):
            self.error(outcome)
        elif on_committed is not None:
            on_committed(outcome)
