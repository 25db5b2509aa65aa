"""A request's messages by seq, and what is missing between. Pure.

The relay numbers a request's messages 1, 2, 3 without a gap, so what is missing shows in the
numbers alone, whatever order the messages came in.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from helpdesk_tui.model.objects import Message


class Timeline:
    """The known messages of one request; each is kept once."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._messages: dict[int, Message] = {}

    def add(self, messages: Iterable[Message]) -> None:
        """Take in *messages*, in any order, known or new."""
        for message in messages:
            if message.seq not in self._messages:
                insort(self._seqs, message.seq)
            self._messages[message.seq] = message

    @property
    def count(self) -> int:
        """How many are known."""
        return len(self._seqs)

    @property
    def messages(self) -> list[Message]:
        """What is known, oldest first."""
        return [self._messages[seq] for seq in self._seqs]

    def after(self, seq: int) -> list[Message]:
        """Return what is known after *seq*, oldest first."""
        return [self._messages[later] for later in self._seqs[bisect_right(self._seqs, seq) :]]

    @property
    def first(self) -> int:
        """The lowest known seq, or 0."""
        return self._seqs[0] if self._seqs else 0

    @property
    def last(self) -> int:
        """The highest known seq, or 0."""
        return self._seqs[-1] if self._seqs else 0

    @property
    def complete_up_to(self) -> int | None:
        """The seq to resume after: from the first known message to it nothing is missing."""
        if not self._seqs:
            return None
        # Where nothing is missing, a seq is as far from the first as its place is.
        place = bisect_left(range(len(self._seqs)), 1, key=self._missing_before)
        return self._seqs[place - 1]

    @property
    def gap(self) -> int | None:
        """The seq right after the newest gap, or None: the ``before`` to ask history with."""
        whole = self._missing_before(len(self._seqs) - 1) if self._seqs else 0
        if whole == 0:
            return None
        places = range(len(self._seqs))
        return self._seqs[bisect_left(places, whole, key=self._missing_before)]

    def has_all_after(self, seq: int, last: int) -> bool:
        """Return whether every message after *seq*, up to *last*, is known."""
        return self.last >= last and all(n in self._messages for n in range(seq + 1, last + 1))

    def newest_missing(self, seq: int, last: int) -> int:
        """Return the highest seq after *seq*, up to *last*, that is not known, or 0."""
        return next((n for n in range(last, seq, -1) if n not in self._messages), 0)

    def _missing_before(self, place: int) -> int:
        return self._seqs[place] - self._seqs[0] - place
