"""How many of the customer's texts are unread where not every message is known. Pure.

A request tells its newest seq and its last text. Where both change by one, that is a text; where
the last text stays as it was, what came is none. All else is known up to a bound, which must never
be shown as a number, until the last messages are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk_tui.model.objects import Message, Request, by_customer

NOT_THE_CUSTOMERS = 2
"""Each request begins with the activity `opened` and the desk's greeting."""


@dataclass(frozen=True, slots=True)
class Unread:
    """At least and at most so many texts."""

    least: int = 0
    most: int = 0

    @property
    def exact(self) -> bool:
        """Whether that is a number, not a bound."""
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
class Heard:
    """What a request's states have told of its texts. At ``answered`` an answer was the last."""

    answered: int
    spans: tuple[_Span, ...]

    def beyond(self, mark: int) -> Unread:
        """Return how many of the customer's texts lie after *mark*."""
        if not self.spans or self.spans[-1].upto <= mark:
            return NONE
        return sum((span.beyond(mark) for span in self.spans), NONE)


def first_heard(request: Request) -> Heard:
    """Return what the first known state of a request tells."""
    if not _asks(request):
        return Heard(request.seq, ())
    if not (most := max(0, request.seq - NOT_THE_CUSTOMERS)):
        return Heard(0, ())
    return Heard(0, (_Span(NOT_THE_CUSTOMERS, request.seq, Unread(min(1, most), most)),))


def heard_more(heard: Heard, before: Request, now: Request, mark: int) -> Heard:
    """Return what is known when a request came from *before* to *now*.

    What lies up to *mark* is read, and counts no more.
    """
    if now.seq <= before.seq or now.last == before.last:
        return heard
    if not _asks(now):
        return Heard(now.seq, ())
    span = _Span(before.seq, now.seq, Unread(1, now.seq - before.seq))
    return Heard(heard.answered, (*(one for one in heard.spans if one.upto > mark), span))


def heard_exactly(end: Sequence[Message]) -> Heard:
    """Return what *end* tells, a request's last messages with none missing; at least one.

    What lies before them is known up to a bound, unless an answer is among them.
    """
    answers = (m.seq for m in end if m.kind == "text" and m.role == "agent")
    answered, first = max(answers, default=0), end[0].seq
    before = max(0, first - 1 - NOT_THE_CUSTOMERS) if not answered else 0
    rest = (_Span(NOT_THE_CUSTOMERS, first - 1, Unread(0, before)),) if before else ()
    texts = [m.seq for m in end if by_customer(m) and m.seq > answered]
    return Heard(answered, (*rest, *(_Span(seq - 1, seq, Unread(1, 1)) for seq in texts)))


def _asks(request: Request) -> bool:
    return request.last is not None and request.last.by == "customer"
