"""What an agent is writing: for each request an answer and a note, kept apart. Pure.

A note is for agents alone. Because it has a draft of its own, no key turns it into an answer; and
where a note is being written, it is until the agent says otherwise, so that none goes out as one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace


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
