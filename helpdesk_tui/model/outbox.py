"""Texts that the relay has not acknowledged. Pure; neither sends nor stores them.

A text leaves the outbox when the relay says that it is stored. One that the relay will never
take, or that a colleague's answer has overtaken, stays as failed, until the agent sends it again,
edits it or drops it.
"""

from dataclasses import dataclass, replace

from relay.errors import Code
from relay.wire import agent
from relay.wire.objects import Error

PASSING = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE})
"""Refusals after which the same text goes out again, with the same ref."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A text or note on its way; ``ref`` never changes, so that the relay stores it once.

    ``delayed``: the relay asked to wait. ``failed``: why it goes out no more, or empty. ``seen``:
    the last seq that its author knew of, and ``holder``: the agent who then had the request.
    """

    ref: str
    request: int
    text: str
    note: bool = False
    delayed: bool = False
    failed: str = ""
    seen: int = 0
    holder: int | None = None


def frame_of(unsent: Unsent) -> agent.Send | agent.Note:
    """Return the frame that sends *unsent*."""
    kind = agent.Note if unsent.note else agent.Send
    return kind(unsent.ref, unsent.request, unsent.text)


def is_passing(error: Error) -> bool:
    """Return whether to send again what was refused with *error*."""
    return error.code in PASSING


class Outbox:
    """The texts on their way, in the order they were written."""

    def __init__(self) -> None:
        self._texts: dict[str, Unsent] = {}

    def add(self, unsent: Unsent) -> None:
        """Keep *unsent* until it is taken out."""
        self._texts[unsent.ref] = unsent

    def take(self, ref: str) -> Unsent | None:
        """Take out and return the text sent with *ref*, if it is still here."""
        return self._texts.pop(ref, None)

    def delay(self, ref: str) -> bool:
        """Mark the text sent with *ref* as refused for now; return whether it is still here."""
        if ref not in self._texts:
            return False
        self._texts[ref] = replace(self._texts[ref], delayed=True)
        return True

    def find(self, ref: str) -> Unsent | None:
        """Return the text sent with *ref*, if it is still here."""
        return self._texts.get(ref)

    def fail(self, ref: str, reason: str) -> None:
        """Mark the text sent with *ref*, which is here, as one that goes out no more."""
        self._texts[ref] = replace(self._texts[ref], failed=reason)

    def failed_in(self, request: int) -> tuple[Unsent, ...]:
        """Return the texts for *request* that the relay will not take, oldest first."""
        return tuple(unsent for unsent in self.of(request) if unsent.failed)

    def of(self, request: int) -> tuple[Unsent, ...]:
        """Return the texts for *request*, oldest first."""
        return tuple(unsent for unsent in self._texts.values() if unsent.request == request)

    @property
    def texts(self) -> tuple[Unsent, ...]:
        """All that is on its way, oldest first."""
        return tuple(self._texts.values())

    def __len__(self) -> int:
        return len(self._texts)
