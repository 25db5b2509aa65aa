"""What an agent is writing: for each request an answer and a note, kept apart. Pure.

A note is for agents alone. Because it has a draft of its own, no key turns it into an answer; and
where a note is being written, it is until the agent says otherwise, so that none goes out as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written and not sent in one request."""

    answer: str = ""
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.answer or self.note)


class Drafts:
    """The drafts of all requests, and in which of them a note is being written."""

    def __init__(self, drafts: Mapping[int, Draft] | None = None) -> None:
        self._drafts = {number: draft for number, draft in (drafts or {}).items() if draft}
        self._noting: set[int] = set()

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
        return request in self._noting

    def note_in(self, request: int, *, on: bool) -> None:
        """From now on a note is written in *request*, or an answer."""
        if on:
            self._noting.add(request)
        else:
            self._noting.discard(request)

    def begin(self, request: int) -> None:
        """*request* is opened: where nothing but a note is written, it is gone on with."""
        draft = self.of(request)
        if draft.note and not draft.answer:
            self.note_in(request, on=True)

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
        self._noting.discard(request)

    def numbers(self) -> set[int]:
        """Return the requests in which something is written."""
        return set(self._drafts)

    def _put(self, request: int, text: str, *, note: bool) -> bool:
        before = self.of(request)
        after = Draft(before.answer, text) if note else Draft(text, before.note)
        if after == before:
            return False
        if after:
            self._drafts[request] = after
        else:
            del self._drafts[request]
        return True
