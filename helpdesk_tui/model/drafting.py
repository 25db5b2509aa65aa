"""What an agent is writing: for each request an answer and a note, kept apart. Pure.

A note is for agents alone. Because it has a draft of its own, no key turns it into an answer.
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
    """The drafts of all requests, and whether the composer now holds a note."""

    def __init__(self, drafts: Mapping[int, Draft] | None = None) -> None:
        self._drafts = {number: draft for number, draft in (drafts or {}).items() if draft}
        self.noting = False

    def of(self, request: int) -> Draft:
        """Return what is written in *request*."""
        return self._drafts.get(request, Draft())

    def text(self, request: int | None) -> str:
        """Return what the composer is to hold for *request*."""
        if request is None:
            return ""
        draft = self.of(request)
        return draft.note if self.noting else draft.answer

    def put(self, request: int, text: str) -> bool:
        """The composer holds *text* for *request*; return whether that is news."""
        return self._put(request, text, note=self.noting)

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
        return set(self._drafts)

    def _put(self, request: int, text: str, *, note: bool) -> bool:
        before = self.of(request)
        after = Draft(before.answer, text) if note else Draft(text, before.note)
        if after == before:
            return False
        if after:
            self._drafts[request] = after
        else:
            self.forget(request)
        return True
