"""Drafts being typed, and texts that the relay has not acknowledged. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from relay.errors import Code
from relay.wire import agent_in
from relay.wire.objects import Error


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written and not sent in one request. ``noting``: what is typed there is a note."""

    answer: str = ""
    note: str = ""
    noting: bool = False

    def __bool__(self) -> bool:
        return bool(self.answer or self.note)


class Drafts:
    """The drafts of all requests, and in which of them a note is being written."""

    def __init__(self, drafts: Mapping[int, Draft] | None = None) -> None:
        self._drafts = dict(drafts or {})

    def of(self, request: int) -> Draft:
        """Return what is written in *request*."""
        return self._drafts.get(request, Draft())

    def text(self, request: int | None) -> str:
        """Return what the composer is to hold for *request*."""
        if request is None:
            return ""
        draft = self.of(request)
        return draft.note if self.noting(request) else draft.answer

    def noting(self, request: int | None) -> bool:
        """Return whether the composer is to hold a note for *request*, not an answer."""
        return request is not None and self.of(request).noting

    def note_in(self, request: int, *, on: bool) -> None:
        """From now on a note is written in *request*, or an answer."""
        self._keep(request, replace(self.of(request), noting=on))

    def begin(self, request: int) -> None:
        """*request* is opened: where nothing but a note is written, it is gone on with."""
        draft = self.of(request)
        if draft.note and not draft.answer:
            self.note_in(request, on=True)

    def end_notes(self, among: Collection[int]) -> set[int]:
        """Only of requests *among* stays known that notes are written; return the others.

        Where something is written, it stays known, too.
        """
        ended = {number for number, draft in self._drafts.items() if not draft} - set(among)
        for number in ended:
            self.forget(number)
        return ended

    def put(self, request: int, text: str) -> bool:
        """The composer holds *text* for *request*; return whether that is news."""
        return self._put(request, text, note=self.noting(request))

    def give_back(self, request: int, text: str, *, note: bool) -> None:
        """Put *text*, which was not sent, before what is written in *request* now."""
        draft = self.of(request)
        now = draft.note if note else draft.answer
        self._put(request, f"{text}\n{now}" if now else text, note=note)

    def forget(self, request: int) -> None:
        """Nothing is to be sent to *request* any more."""
        self._drafts.pop(request, None)

    def numbers(self) -> set[int]:
        """Return the requests in which something is written."""
        return {number for number, draft in self._drafts.items() if draft}

    def _put(self, request: int, text: str, *, note: bool) -> bool:
        before = self.of(request)
        after = replace(before, note=text) if note else replace(before, answer=text)
        self._keep(request, after)
        return after != before

    def _keep(self, request: int, draft: Draft) -> None:
        if draft == Draft():
            self._drafts.pop(request, None)
        else:
            self._drafts[request] = draft


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


def frame_of(unsent: Unsent) -> agent_in.Send | agent_in.Note:
    """Return the frame that sends *unsent*."""
    kind = agent_in.Note if unsent.note else agent_in.Send
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
