"""Drafts being typed, and the outbox of texts that the relay has not acknowledged. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from relay.errors import Code
from relay.wire import agent_in
from relay.wire.objects import Error


@dataclass(frozen=True, slots=True)
class Draft:
    """The unsent answer and note of one request. ``noting``: the composer holds the note."""

    answer: str = ""
    note: str = ""
    noting: bool = False

    def __bool__(self) -> bool:
        return bool(self.answer or self.note)


class Drafts:
    """The drafts of all requests."""

    def __init__(self, drafts: Mapping[int, Draft] | None = None) -> None:
        self._drafts = dict(drafts or {})

    def of(self, request: int) -> Draft:
        """Return the draft of *request*."""
        return self._drafts.get(request, Draft())

    def text(self, request: int | None) -> str:
        """Return the text that the composer shows for *request*."""
        if request is None:
            return ""
        draft = self.of(request)
        return draft.note if self.noting(request) else draft.answer

    def noting(self, request: int | None) -> bool:
        """Return whether the composer shows a note for *request*, not an answer."""
        return request is not None and self.of(request).noting

    def set_noting(self, request: int, *, on: bool) -> None:
        """Let the composer show the note of *request*, or its answer."""
        self._keep(request, replace(self.of(request), noting=on))

    def begin(self, request: int) -> None:
        """Switch to the note of *request*, which is opened, if it has no draft of an answer."""
        draft = self.of(request)
        if draft.note and not draft.answer:
            self.set_noting(request, on=True)

    def forget_empty(self, among: Collection[int]) -> set[int]:
        """Forget empty drafts, whose only content is the mode, except of requests *among*.

        Returns the requests that were forgotten.
        """
        ended = {number for number, draft in self._drafts.items() if not draft} - set(among)
        for number in ended:
            self.forget(number)
        return ended

    def put(self, request: int, text: str) -> bool:
        """Set the draft of *request* that the composer shows; return whether it has changed."""
        return self._put(request, text, note=self.noting(request))

    def prepend(self, request: int, text: str, *, note: bool) -> None:
        """Prepend *text*, which was not sent, to the draft of *request*."""
        draft = self.of(request)
        now = draft.note if note else draft.answer
        self._put(request, f"{text}\n{now}" if now else text, note=note)

    def forget(self, request: int) -> None:
        """Remove the draft of *request*."""
        self._drafts.pop(request, None)

    def numbers(self) -> set[int]:
        """Return the requests with a draft that is not empty."""
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
"""Refusals after which the same text is retried, with the same ref (idempotent)."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A text or note being sent; ``ref`` never changes, so that the relay stores it once.

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
    """The texts being sent, in the order they were written."""

    def __init__(self) -> None:
        self._texts: dict[str, Unsent] = {}

    def add(self, unsent: Unsent) -> None:
        """Add *unsent*, or replace it."""
        self._texts[unsent.ref] = unsent

    def remove(self, ref: str) -> Unsent | None:
        """Remove and return the text of *ref*, if it is still here."""
        return self._texts.pop(ref, None)

    def delay(self, ref: str) -> bool:
        """Mark the text of *ref* as refused for now; return whether it is still here."""
        if ref not in self._texts:
            return False
        self._texts[ref] = replace(self._texts[ref], delayed=True)
        return True

    def find(self, ref: str) -> Unsent | None:
        """Return the text of *ref*, if it is still here."""
        return self._texts.get(ref)

    def fail(self, ref: str, reason: str) -> None:
        """Mark the text of *ref*, which is here, as failed for *reason*."""
        self._texts[ref] = replace(self._texts[ref], failed=reason)

    def failed_in(self, request: int) -> tuple[Unsent, ...]:
        """Return the texts for *request* that the relay will not take, oldest first."""
        return tuple(unsent for unsent in self.of(request) if unsent.failed)

    def of(self, request: int) -> tuple[Unsent, ...]:
        """Return the texts for *request*, oldest first."""
        return tuple(unsent for unsent in self._texts.values() if unsent.request == request)

    @property
    def texts(self) -> tuple[Unsent, ...]:
        """All texts, oldest first."""
        return tuple(self._texts.values())

    def __len__(self) -> int:
        return len(self._texts)
