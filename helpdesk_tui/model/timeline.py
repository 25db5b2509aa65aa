"""A request's messages by seq, the gaps between them, and how many are unread. Pure."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpdesk_tui.model.objects import Message, Request, by_customer


class Timeline:
    """The known messages of one request; each is kept once."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._messages: dict[int, Message] = {}

    def add(self, messages: Iterable[Message]) -> None:
        """Add *messages*, in any order; known ones are replaced."""
        for message in messages:
            if message.seq not in self._messages:
                insort(self._seqs, message.seq)
            self._messages[message.seq] = message

    @property
    def count(self) -> int:
        """The number of known messages."""
        return len(self._seqs)

    @property
    def messages(self) -> list[Message]:
        """The known messages, oldest first."""
        return [self._messages[seq] for seq in self._seqs]

    def after(self, seq: int) -> list[Message]:
        """Return the known messages after *seq*, oldest first."""
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


NOT_THE_CUSTOMERS = 2
"""Each request begins with the activity `opened` and the desk's greeting."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A lower and an upper bound of a number of texts."""

    least: int = 0
    most: int = 0

    @property
    def exact(self) -> bool:
        """True if both bounds are equal."""
        return self.least == self.most

    def __add__(self, other: "Unread") -> "Unread":
        return Unread(self.least + other.least, self.most + other.most)

    def __str__(self) -> str:
        return str(self.most) if self.exact else f"≤{self.most}"


NONE = Unread()


@dataclass(frozen=True, slots=True)
class _Span:
    """The entries after one seq up to another, and how many of them are the customer's texts."""

    after: int
    upto: int
    texts: Unread

    def beyond(self, mark: int) -> Unread:
        """Return how many of the texts lie after *mark*; at most all before it are texts, too."""
        before = max(0, mark - self.after)
        most = min(self.texts.most, max(0, self.upto - max(mark, self.after)))
        return Unread(min(most, max(0, self.texts.least - before)), most)


@dataclass(frozen=True, slots=True)
class UnreadEstimate:
    """The unread texts implied by a request's states. ``answered``: seq of the last answer."""

    answered: int
    spans: tuple[_Span, ...]

    def beyond(self, mark: int) -> Unread:
        """Return how many of the customer's texts lie after *mark*."""
        if not self.spans or self.spans[-1].upto <= mark:
            return NONE
        return sum((span.beyond(mark) for span in self.spans), NONE)


def initial_estimate(request: Request) -> UnreadEstimate:
    """Return the estimate from the first known state of a request."""
    if not _asks(request):
        return UnreadEstimate(request.seq, ())
    if not (most := max(0, request.seq - NOT_THE_CUSTOMERS)):
        return UnreadEstimate(0, ())
    return UnreadEstimate(0, (_Span(NOT_THE_CUSTOMERS, request.seq, Unread(min(1, most), most)),))


def updated_estimate(
    estimate: UnreadEstimate, before: Request, now: Request, mark: int
) -> UnreadEstimate:
    """Return *estimate*, updated by a request's change from *before* to *now*.

    Texts up to *mark* are read and do not count.
    """
    if now.seq <= before.seq or now.last == before.last:
        return estimate
    if not _asks(now):
        return UnreadEstimate(now.seq, ())
    span = _Span(before.seq, now.seq, Unread(1, now.seq - before.seq))
    return UnreadEstimate(
        estimate.answered, (*(one for one in estimate.spans if one.upto > mark), span)
    )


def exact_estimate(end: Sequence[Message]) -> UnreadEstimate:
    """Return what *end* tells, a request's last messages with none missing; at least one.

    What lies before them is known up to a bound, unless an answer is among them.
    """
    answers = (m.seq for m in end if m.kind == "text" and m.role == "agent")
    answered, first = max(answers, default=0), end[0].seq
    before = max(0, first - 1 - NOT_THE_CUSTOMERS) if not answered else 0
    rest = (_Span(NOT_THE_CUSTOMERS, first - 1, Unread(0, before)),) if before else ()
    texts = [m.seq for m in end if by_customer(m) and m.seq > answered]
    return UnreadEstimate(answered, (*rest, *(_Span(seq - 1, seq, Unread(1, 1)) for seq in texts)))


def _asks(request: Request) -> bool:
    return request.last is not None and request.last.by == "customer"
