"""What the console has to say for a while: the last sentences, in lines of their own.

They cover nothing, take no key, and go by themselves.
"""

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static

LASTS = 8.0
"""Seconds that a sentence stands."""
MOST = 3


class Notice(Static):
    """Shows sentences; *clock* tells how long each has stood."""

    def __init__(self, clock: Callable[[], float], *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id, markup=False)
        self._clock = clock
        self._said: list[tuple[str, float]] = []

    def say(self, sentence: str) -> None:
        """Show *sentence*, below those that still stand."""
        others = [said for said in self._said if said[0] != sentence]
        self._show([*others, (sentence, self._clock())][-MOST:])

    def fade(self) -> None:
        """Take away what has stood long enough."""
        self._show([said for said in self._said if self._clock() - said[1] < LASTS])

    def _show(self, said: list[tuple[str, float]]) -> None:
        if said != self._said:
            self._said = said
            self.update(Content("\n".join(sentence for sentence, _ in said)))
            self.set_class(bool(said), "-told")
