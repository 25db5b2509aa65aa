"""Record of the frames that one client received, checked against the protocol. Pure.

The rules are promises 2 and 3 as a client can check them: numbers without a gap, each once and in
order on a connection, and a message never changes. A violation is recorded, not raised, so that a
run counts all of them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Frame = dict[str, Any]


class Breach(StrEnum):
    """What a support desk must never do."""

    LOST = "lost"
    DOUBLED = "doubled"
    DISORDERED = "out of order"


@dataclass(frozen=True, slots=True)
class Line:
    """A message, but for its number and time; what an activity says is its name."""

    kind: str
    says: str
    role: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is: its request and its number there, as its author's side counts."""

    request: int
    seq: int


def line_of(message: Frame) -> Line:
    """Return what *message*, as it came, says."""
    says = message["activity"] if message["kind"] == "activity" else message["text"]
    return Line(message["kind"], says, message["by"]["role"])


@dataclass
class Transcript:
    """All that one client was ever shown and told, over all its connections."""

    owner: str
    messages: dict[int, dict[int, Line]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    """Each ``ref`` that was ever sent, in that order; it is the text as well."""
    acknowledged: dict[str, Place] = field(default_factory=dict)
    confirmed: dict[int, int] = field(default_factory=dict)
    """The highest ``seq`` of each request that an ``ok`` has named."""
    breaches: list[tuple[Breach, str]] = field(default_factory=list)

    def last(self, request: int) -> int:
        """Return up to where the client has everything of *request*."""
        return max(self.messages.get(request, {0: None}))

    def blame(self, breach: Breach, what: str) -> None:
        """Note a *breach*."""
        self.breaches.append((breach, f"{self.owner}: {what}"))

    def confirm(self, request: int, seq: int) -> None:
        """Note that the relay has said that *request* goes up to *seq*."""
        self.confirmed[request] = max(seq, self.confirmed.get(request, 0))

    def has(self, place: Place, line: Line) -> bool:
        """Return whether *line* was shown at *place*, or could be: nothing else was."""
        return self.messages.setdefault(place.request, {}).setdefault(place.seq, line) == line


class Hearing:
    """What has come on one connection of the owner of *transcript*, in that order."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._heard: dict[int, set[int]] = {}
        self._last: dict[int, int] = {}

    def watch(self, request: int, messages: list[Frame], *, after: int) -> None:
        """The relay begins to tell of *request*, with all that came *after* that number."""
        self._last[request] = after
        self._heard[request] = set()
        for message in messages:
            self.shown(request, message)

    def shown(self, request: int, message: Frame) -> None:
        """The relay shows *message*."""
        self._next(Place(request, message["seq"]), line_of(message))

    def repeated(self, request: int, messages: list[Frame]) -> None:
        """The relay repeats *messages* on demand: they must be what they were."""
        for message in messages:
            if not self._transcript.has(Place(request, message["seq"]), line_of(message)):
                self._transcript.blame(
                    Breach.DISORDERED, f"#{request} {message['seq']} has changed"
                )

    def sent(self, ref: str, place: Place, line: Line, *, retry: bool) -> None:
        """The relay says that *line*, which bore *ref*, stands at *place*."""
        transcript = self._transcript
        before = transcript.acknowledged.setdefault(ref, place)
        if before != place:
            transcript.blame(Breach.DOUBLED, f"{ref} is at {before} and at {place}")
        if not retry or place.seq > self._last[place.request]:
            self._next(place, line)
        elif not transcript.has(place, line):
            transcript.blame(
                Breach.LOST, f"{ref} is said to be at {place}, where something else is"
            )

    def _next(self, place: Place, line: Line) -> None:
        """Take the message that must follow the last one."""
        transcript, request, seq = self._transcript, place.request, place.seq
        if request not in self._last:
            transcript.blame(Breach.DISORDERED, f"#{request} {seq} came although nobody watches it")
            return
        if seq in self._heard[request]:
            transcript.blame(Breach.DOUBLED, f"#{request} {seq} came twice")
        elif seq <= self._last[request]:
            transcript.blame(
                Breach.DISORDERED, f"#{request} {seq} came after {self._last[request]}"
            )
        elif seq > self._last[request] + 1:
            transcript.blame(
                Breach.LOST, f"#{request} {seq} came right after {self._last[request]}"
            )
        if not transcript.has(place, line):
            transcript.blame(Breach.DISORDERED, f"#{request} {seq} is not what it was")
        self._heard[request].add(seq)
        self._last[request] = max(seq, self._last[request])
