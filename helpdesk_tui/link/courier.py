"""Which texts go out next: one at a time for each request, in order, until each is answered. Pure.

Waiting for the answer before the next keeps a request's texts in order even when the relay asks
to wait in between.
"""

from helpdesk_tui.model.outbox import Unsent


class Courier:
    """The texts on their way, as the network sees them."""

    def __init__(self) -> None:
        self._texts: dict[str, Unsent] = {}
        self._out: set[str] = set()

    def take_on(self, unsent: Unsent) -> None:
        """Take *unsent* on; one that is taken on already changes nothing."""
        self._texts.setdefault(unsent.ref, unsent)

    def due(self) -> list[Unsent]:
        """Return what is to be sent now; it is then out until it is answered."""
        first: dict[int, Unsent] = {}
        for unsent in self._texts.values():
            first.setdefault(unsent.request, unsent)
        due = [unsent for unsent in first.values() if unsent.ref not in self._out]
        self._out.update(unsent.ref for unsent in due)
        return due

    def knows(self, ref: str) -> bool:
        """Return whether *ref* is that of a text on its way."""
        return ref in self._texts

    def answered(self, ref: str) -> None:
        """The relay has stored the text of *ref*, or never will."""
        self._texts.pop(ref, None)
        self._out.discard(ref)

    def again(self, ref: str) -> None:
        """The text of *ref* is to be sent once more."""
        self._out.discard(ref)

    def drop_all(self) -> None:
        """The connection is lost: what goes out on the next is decided anew."""
        self._texts.clear()
        self._out.clear()
