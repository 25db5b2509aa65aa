"""A request's log as scenes to be played: how long each is waited for, and what then stands. Pure.

What a request is at each scene is the relay's own fold; nothing is known here of rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cli.spoken import duration
from cli.transcripts import note_mark, title, when, who, words
from helpdesk_tui.safety import clean, clean_line
from relay.desk.request import HelpRequest, apply
from relay.store.lines import MessageLine, RequestLine

LONGEST_PAUSE = 2.0
"""Seconds; a longer one is cut to this."""
TYPED_A_SECOND, LONGEST_TYPING = 20.0, 3.0
"""Characters, and seconds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An entry of the log, and the ``request`` after it. ``pause``, then ``typing``, go before it.

    Seconds all; ``left_out`` is how much longer it took.
    """

    line: MessageLine
    request: HelpRequest
    pause: float
    typing: float
    left_out: float


def scenes(
    first: RequestLine, log: Iterable[MessageLine], *, begin: int, notes: bool
) -> Iterator[Scene]:
    """Yield the scenes of the request *first* from the number *begin* on; *notes*, if asked for."""
    request = HelpRequest(first.request.id, first.request.site, first.customer.id)
    last: int | None = None
    for line in log:
        request = apply(request, line.message)
        if line.seq < begin or (line.kind == "note" and not notes):
            continue
        # A clock may have been put back in between.
        gap = 0.0 if last is None else max(0.0, (line.at - last) / 1000)
        last = line.at
        typing = min(gap, LONGEST_TYPING, len(line.text or "") / TYPED_A_SECOND)
        pause = min(gap - typing, LONGEST_PAUSE)
        yield Scene(line, request, pause, typing, gap - typing - pause)


def heading(first: RequestLine) -> str:
    """Return what stands above the first scene."""
    return f"{title(first)}\n"


def told(scene: Scene) -> str:
    """Return *scene* for a terminal."""
    line = scene.line
    if line.activity:
        return f"{when(line)}  {clean_line(words(line), 1_200)} [{scene.request.status}]\n"
    said = clean(words(line)).replace("\n", "\n    ")
    return f"{when(line)}  {who(line.by)}{note_mark(line)}\n    {said}\n"


def later(scene: Scene) -> str | None:
    """Return what is said of a pause that was cut, None if none was."""
    if not scene.left_out:
        return None
    return f"    ... {duration(scene.pause + scene.left_out + scene.typing)} later\n"
