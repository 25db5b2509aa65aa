"""The console without a screen: a line for each event out, a line for each command in.

For screen readers, scripts and `expect`. It is the same model, link and disk as the console's; what
was not sent by one is sent by the other. It never writes a control character.
"""

import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO
from uuid import uuid4

from helpdesk_tui.carrying import Carrier
from helpdesk_tui.drafts import default_state_dir
from helpdesk_tui.keeping import Keeper
from helpdesk_tui.link.link import Broken, Link, News
from helpdesk_tui.model.connection import Connecting, Ended, Offline, Online
from helpdesk_tui.model.effects import Effects
from helpdesk_tui.model.events import company, connection_told, kept_unknown, told_by
from helpdesk_tui.model.hearing import hear
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.remembered import Memory
from helpdesk_tui.safety import guarded
from helpdesk_tui.spoken import QUIT, in_the_way, obey
from relay.errors import HelpdeskError
from relay.wire import agent_hears

LAST_ANSWERS = 10.0
"""Seconds that what was asked before the end may still take."""


class Line(str):
    """A line that the agent has written."""

    __slots__ = ()


class End:
    """The agent writes no more."""


class _Soon:
    """A timer that the next turn of the loop makes true anyway."""

    def stop(self) -> None:
        """Do nothing: there is nothing to stop."""


class Plain:
    """A seat without a screen at the relay at *url*; writes to *out*."""

    def __init__(self, url: str, token: str, state_dir: Path, out: IO[str]) -> None:
        self._out = out
        self._heard: SimpleQueue[News | Line | End] = SimpleQueue()
        self._seat = Seat(lambda: uuid4().hex)
        self._link = Link(url, token, self._heard.put, monotonic)
        memory = Memory(state_dir, url, token)
        self._keeper = Keeper(self._seat, memory, lambda _, __: _Soon(), self.say)
        self._carrier = Carrier(self._seat, self._link, self._keeper, self)
        self._early: list[Line] = []
        self._begun = False
        self._warned_of: Line | None = None
        self._ends_at: float | None = None

    def say(self, sentence: str) -> None:
        """Write *sentence* as one line, at once."""
        self._out.write(f"{guarded(sentence)}\n")
        self._out.flush()

    def show_open(self) -> None:
        """Show nothing: what was said comes with the relay's answer."""

    def before_recall(self) -> Effects:
        """Nothing is half written here."""
        return ()

    def run(self, lines: IO[str]) -> None:
        """Obey *lines* until they end; raise :exc:`HelpdeskError` if the token is refused."""
        reader = threading.Thread(target=self._read, args=(lines,), name="lines", daemon=True)
        reader.start()
        self._carrier.do(self._keeper.begin())
        self._link.start()
        try:
            while not self._ended():
                try:
                    self._take(self._heard.get(timeout=0.2 if self._ends_at else None))
                except Empty:
                    continue
                self._keeper.flush()
        finally:
            self._keeper.close()
            self._link.stop()

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            self._heard.put(Line(line.strip()))
        self._heard.put(End())

    def _ended(self) -> bool:
        """Whether nothing more will come of what was asked."""
        if self._ends_at is None:
            return False
        waits = self._seat.asked or any(not text.failed for text in self._seat.outbox.texts)
        return not (waits or self._early) or monotonic() > self._ends_at

    def _take(self, news: News | Line | End) -> None:
        match news:
            case Line():
                self._obey(news)
            case End():
                self._ends_at = monotonic() + LAST_ANSWERS
            case Broken(error=error):
                raise error
            case Ended(reason=reason, unauthorized=True) if not self._seat.desk.welcomed:
                raise HelpdeskError(reason)
            case Online():
                pass
            case Connecting() | Offline() | Ended():
                self._carrier.do(self._seat.disconnected())
                if told := connection_told(news, monotonic()):
                    self.say(told)
                    self._begin_alone()
            case frame:
                self._hear(frame)

    def _hear(self, frame: agent_hears.RelayFrame) -> None:
        number = getattr(getattr(frame, "request", None), "id", 0)
        before, there = self._seat.desk.requests.get(number), company(self._seat, monotonic())
        effects = hear(self._seat, frame, monotonic())
        for line in told_by(self._seat, frame, before):
            self.say(line)
        for line in company(self._seat, monotonic()):
            if line not in there:
                self.say(line)
        self._carrier.do((*effects, *self._seat.see()))
        if self._seat.online:
            self._begin()

    def _begin_alone(self) -> None:
        """The relay is away: begin with what is kept here, if that is known; a script waits."""
        if not self._begun and self._seat.desk.epoch is not None and self._ends_at is None:
            for line in kept_unknown(self._seat):
                self.say(line)
            self._begin()

    def _begin(self) -> None:
        """Do what was said before there was anything to do it with."""
        self._begun = True
        early, self._early = self._early, []
        for line in early:
            self._obey(line)

    def _obey(self, line: Line) -> None:
        """Do what *line* says, or later if there is nothing yet."""
        if line == QUIT:
            self._heard.put(End())
        elif not self._begun:
            self._early.append(line)
        elif (told := in_the_way(self._seat, line, monotonic())) and line != self._warned_of:
            self._warned_of = line
            self.say(f"{told} Say it again if yours is still needed.")
        else:
            self._warned_of = None
            effects, answer = obey(self._seat, line)
            self._carrier.do(effects)
            for said in answer:
                self.say(said)


def run_plain(url: str, token: str, state_dir: Path | None = None) -> int:
    """Run the plain form on this process's streams until they end; return the exit code."""
    Plain(url, token, state_dir or default_state_dir(), sys.stdout).run(sys.stdin)
    return 0
