"""Reply: the one answer that a frame gets, wherever the frame came from."""

# Functions that are made for each frame would evaluate their annotations each time.
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from relay.errors import Refused
from relay.wire.objects import OutboundFrame

T = TypeVar("T")


class Reply(ABC):
    """Answers one frame: exactly one call of :meth:`ok`, :meth:`error` or :meth:`finish`.

    Subclasses deliver the answer. What waits for it (the next frame, a count of unanswered frames)
    is theirs alone; handlers only answer.
    """

    __slots__ = ("ref",)

    ref: str | None
    """The frame's own name for itself, None if it wants no answer."""

    @abstractmethod
    def ok(self, frame: OutboundFrame) -> None:
        """Answer with *frame*."""

    @abstractmethod
    def error(self, refused: Refused) -> None:
        """Answer with an error."""

    @abstractmethod
    def finish(self) -> None:
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

        def on_result(outcome: T | Refused) -> None:
            if isinstance(outcome, Refused):
                self.error(outcome)
            else:
                on_committed(outcome)

        return on_result
