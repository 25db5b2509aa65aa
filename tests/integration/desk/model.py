"""Model of the desk in plain Python: a list of entries for each request.

It knows the protocol's rules and promises, and nothing of how the relay keeps them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from relay.wire import agent_in, customer
from relay.wire.validation import Frame
from tests.integration.desk.simulation import GREETING

UNSEEN = {"released", "transferred", "tagged"}
"""The activities that only agents see; notes are no activities."""


@dataclass(frozen=True)
class Entry:
    """One message of a log. ``said`` is the text, or what an activity is called."""

    kind: str
    said: str
    role: str
    by: object
    ref: str | None = None

    @property
    def seen(self) -> bool:
        """Whether customers see it."""
        return self.kind != "note" and self.said not in UNSEEN


@dataclass
class Request:
    """A request."""

    number: int
    owner: str
    log: list[Entry] = field(default_factory=list)
    agent: int | None = None
    is_open: bool = True
    tags: set[str] = field(default_factory=set)

    def side(self, *, of_agent: bool) -> list[Entry]:
        """Return the log as that side numbers it."""
        return [entry for entry in self.log if of_agent or entry.seen]


@dataclass(frozen=True)
class Answer:
    """What must be answered. ``entries`` begin at number ``first`` of their request.

    ``length`` is how far the request's log went then, ``seq`` what a ``sent`` says; ``stored``: it
    is the first answer to that ref. ``others``: how far a customer's other requests went then.
    """

    kind: str
    code: str | None = None
    request: Request | None = None
    seq: int = 0
    stored: bool = False
    entries: tuple[Entry, ...] = ()
    first: int = 1
    length: int = 0
    reset: bool = False
    others: tuple[tuple[int, int], ...] = ()


class Model:
    """All requests and refs of a desk. ``who`` is a customer's token or an agent's id."""

    def __init__(self) -> None:
        self.requests: dict[int, Request] = {}
        self._refs: dict[tuple[object, ...], tuple[str, str | None, Request, int]] = {}

    def of(self, owner: object) -> list[Request]:
        """Return the requests of the customer with that token."""
        return [request for request in self.requests.values() if request.owner == owner]

    def latest(self, owner: object) -> Request | None:
        """Return the customer's open request, or the one that was opened last."""
        return max(self.of(owner), key=lambda it: (it.is_open, it.number), default=None)

    def handle(self, who: Any, frame: Frame) -> Answer | None:
        """Do what *frame* asks, and return its answer; None for those that get none."""
        match frame:
            case customer.Open():
                return self._open(who, frame)
            case customer.Send():
                return self._customer_says(who, frame)
            case customer.Close():
                mine = self.latest(who)
                return Answer("error", "not_found") if mine is None else self._customer_ends(mine)
            case agent_in.Leave():
                return None
        request = self.requests.get(getattr(frame, "request"))  # noqa: B009 - all others have one
        if request is None:
            return Answer("error", "not_found")
        match frame:
            case agent_in.Join(after=after):
                begin = max(0, len(request.log) - 50) if after is None else after
                return _showing("joined", request, begin, of_agent=True)
            case agent_in.Send() | agent_in.Note():
                return self._agent_says(who, request, frame)
            case _:
                return self._agent_does(who, request, frame)

    def welcome(self, who: str, hello: customer.Hello, *, same_epoch: bool) -> Answer:
        """Return what a customer's hello must bring."""
        latest = self.latest(who)
        if latest is None:
            return Answer("welcome", reset=hello.request is not None)
        fits = hello.after <= len(latest.side(of_agent=False))
        resumed = hello.request == latest.number and same_epoch and fits
        begin = hello.after if resumed else 0
        shown = _showing("welcome", latest, begin, of_agent=False, reset=not resumed)
        mine = [(it.number, len(it.side(of_agent=False))) for it in self.of(who)]
        return replace(shown, others=tuple(mine))

    def _open(self, who: str, frame: customer.Open) -> Answer:
        known = self._refs.get((who, frame.ref))
        if known is not None:
            _, text, request, _ = known
            if text != frame.text:
                return Answer("error", "invalid")
            return _showing("opened", request, 0, of_agent=False)
        found = self.latest(who)
        if found is None or not found.is_open:
            found = self.requests.setdefault(
                len(self.requests) + 1, Request(len(self.requests) + 1, who)
            )
            ref = None if frame.text else frame.ref
            found.log += [
                Entry("activity", "opened", "customer", who, ref),
                Entry("text", GREETING, "desk", None),
            ]
        if frame.text is not None:
            found.log.append(Entry("text", frame.text, "customer", who, frame.ref))
        seen = len(found.side(of_agent=False))
        self._refs[who, frame.ref] = ("send" if frame.text else "open", frame.text, found, seen)
        return _showing("opened", found, 0, of_agent=False)

    def _customer_says(self, who: str, frame: customer.Send) -> Answer:
        if (known := self._refs.get((who, frame.ref))) is not None:
            return _again(known, "send", frame.text)
        request = self.latest(who) if frame.request is None else self.requests.get(frame.request)
        if not self.of(who):
            return Answer("error", "closed")
        if request is None or request.owner != who:
            return Answer("error", "not_found")
        if not request.is_open:
            return Answer("error", "closed")
        return self._add(
            request, (who, frame.ref), Entry("text", frame.text, "customer", who, frame.ref)
        )

    def _customer_ends(self, request: Request) -> Answer:
        self._close(request, "customer", request.owner)
        return Answer("closed", request=request)

    def _agent_says(
        self, who: int, request: Request, frame: agent_in.Send | agent_in.Note
    ) -> Answer:
        kind = "note" if isinstance(frame, agent_in.Note) else "text"
        whose = (who, request.number, frame.ref)
        if (known := self._refs.get(whose)) is not None:
            return _again(known, kind, frame.text)
        if kind == "text":
            if not request.is_open:
                return Answer("error", "closed")
            if request.agent is None:
                self._hold(request, "claimed", who, who)
        return self._add(request, whose, Entry(kind, frame.text, "agent", who, frame.ref))

    def _agent_does(self, who: int, request: Request, frame: Frame) -> Answer:
        code = None
        match frame:
            case agent_in.Close():
                self._close(request, "agent", who)
            case agent_in.Tag(add=add):
                if new := set(add) - request.tags:
                    request.tags |= new
                    request.log.append(Entry("activity", "tagged", "agent", who))
            case agent_in.Reopen():
                latest = self.latest(request.owner)
                if not request.is_open and latest is not None and latest.is_open:
                    code = "conflict"
                elif not request.is_open:
                    request.is_open = True
                    self._hold(request, "reopened", who, who)
            case _:
                code = self._passes(who, request, frame) if request.is_open else "closed"
        return Answer("error", code) if code else Answer("ok", request=request)

    def _passes(self, who: int, request: Request, frame: Frame) -> str | None:
        """Let *request* pass from hand to hand, or return why not."""
        foreign = request.agent is not None and request.agent != who
        match frame:
            case agent_in.Claim():
                if request.agent is None:
                    self._hold(request, "claimed", who, who)
                return "conflict" if foreign else None
            case agent_in.Release() if request.agent is None:
                return None
            case agent_in.Transfer(to=to) if request.agent == to:
                return None
            case _ if foreign:
                return "forbidden"
            case agent_in.Release():
                request.agent = None
                request.log.append(Entry("activity", "released", "agent", who))
            case agent_in.Transfer(to=to, note=note):
                self._hold(request, "transferred", who, to)
                request.log += [Entry("note", note, "agent", who)] if note else []
        return None

    def _hold(self, request: Request, activity: str, who: int, to: int) -> None:
        request.agent = to
        request.log.append(Entry("activity", activity, "agent", who))

    def _close(self, request: Request, role: str, who: object) -> None:
        if request.is_open:
            request.is_open = False
            request.log.append(Entry("activity", "closed", role, who))

    def _add(self, request: Request, whose: tuple[object, ...], entry: Entry) -> Answer:
        request.log.append(entry)
        kind = "send" if entry.role == "customer" else entry.kind
        seq = len(request.side(of_agent=entry.role == "agent"))
        self._refs[whose] = (kind, entry.said, request, seq)
        return Answer("sent", request=request, seq=seq, stored=True)


def _again(known: tuple[str, str | None, Request, int], kind: str, text: str) -> Answer:
    was, said, request, seq = known
    if (was, said) != (kind, text):
        return Answer("error", "invalid")
    return Answer("sent", request=request, seq=seq)


def _showing(
    kind: str, request: Request, begin: int, *, of_agent: bool, reset: bool = False
) -> Answer:
    side = request.side(of_agent=of_agent)
    shown, length = tuple(side[begin:]), len(side)
    return Answer(kind, request=request, entries=shown, first=begin + 1, length=length, reset=reset)


def numbered(answer: Answer) -> Iterator[tuple[int, Entry]]:
    """Yield the entries of *answer* with their numbers."""
    yield from enumerate(answer.entries, answer.first)
