"""The line-based console: prints a line for each event, reads a line for each command.

For screen readers, scripts and ``expect``. Same model, link and drafts as the console."""

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO
from uuid import uuid4

from helpdesk_tui.drafts import IdentityFile, default_state_dir
from helpdesk_tui.effect_runner import DraftSaver, EffectRunner
from helpdesk_tui.link import Link, LinkEvent, LinkFailed
from helpdesk_tui.model.effects import Connecting, Effects, Ended, Offline, Online
from helpdesk_tui.model.event_lines import (
    colleague_lines,
    connection_line,
    lines_for_frame,
    message_lines,
    request_lines,
    unknown_unsent_lines,
    unsent_lines,
)
from helpdesk_tui.model.presence import collision
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.request_list import matches, query_of
from helpdesk_tui.model.seat import Seat
from relay.errors import HelpdeskError
from relay.sanitize import printable_cell
from relay.wire import agent_out

QUIT = "quit"
MANY = 50
NOTHING_FAILED = "Nothing has failed here."
NONE_OPEN = "No request is open; say `open N` first."
Answer = tuple[Effects, Iterable[str]]

HELP = """\
list QUERY           the open requests, or those of a query such as is:mine tag:billing
open N               open request N
more                 what was said last in it
say TEXT             send TEXT to it
note TEXT            write TEXT down for agents only
claim [N]            take it
release [N]          back to the queue
transfer [N] NAME [NOTE]  give it to the colleague NAME, with a note for agents
close [N], reopen [N]
tag [N] +x -y        put the tag x on, take y off
away, online         whether you are at the desk
retry                send what failed again
edit [TEXT]          send TEXT instead of what failed last; alone: tell that
drop                 forget what failed last
quit                 end; what is unsent is kept"""


def execute(seat: Seat, line: str) -> Answer:
    """Run the command *line*; return its effects and the lines to print. Never raises."""
    word, _, rest = line.partition(" ")
    if not word:
        return (), ()
    if do := COMMANDS.get(word.removeprefix("/")):
        return do(seat, rest.strip())
    return (), (f"There is no command {word!r}; `help` lists them.",)


def collision_warning(seat: Seat, line: str, now: float) -> str:
    """Return that a colleague is typing where *line* would send an answer; or nothing."""
    sends = line.partition(" ")[0].removeprefix("/") == "say"
    return collision(seat, now) if sends else ""


def _help(seat: Seat, rest: str) -> Answer:
    del seat, rest
    return (), HELP.splitlines()


def _list(seat: Seat, rest: str) -> Answer:
    query, wrong = query_of(rest, datetime.now(UTC))
    if wrong:
        return (), (wrong,)
    told = seat.desk.known if "closed" in query.is_ else seat.desk.requests
    asked = [r for r in told.values() if "closed" in query.is_ or not r.closed]
    known = [request for request in asked if matches(seat, request, query)]
    if not seat.desk.welcomed:
        return (), (*unknown_unsent_lines(seat), "Who waits is not known before the relay answers.")
    lines = request_lines(seat, sorted(known, key=lambda request: request.id))
    return (), (*unknown_unsent_lines(seat), *lines)


def _open(seat: Seat, rest: str) -> Answer:
    number, _ = _number(seat, rest)
    if number is None:
        return (), ("Which one? Say `open N`.",)
    return (*seat.open_request(number), *seat.enter()), unsent_lines(seat, number)


def _more(seat: Seat, rest: str) -> Answer:
    del rest
    if seat.open is None:
        return (), (NONE_OPEN,)
    return (), (*message_lines(seat, seat.open, MANY), *unsent_lines(seat, seat.open))


def _say(seat: Seat, rest: str) -> Answer:
    return _write(seat, rest, note=False)


def _note(seat: Seat, rest: str) -> Answer:
    return _write(seat, rest, note=True)


def _write(seat: Seat, text: str, *, note: bool) -> Answer:
    if seat.open is None:
        return (), (NONE_OPEN,)
    if not text:
        return (), ("There is nothing to send; say it behind the word.",)
    return seat.send(_typed(text), note=note), ()


def _edit(seat: Seat, rest: str) -> Answer:
    failed = seat.outbox.failed_in(seat.open or 0)
    if not failed:
        return (), (NOTHING_FAILED,)
    if rest:
        return seat.rewrite(_typed(rest)), ()
    text = failed[-1].text.replace("\n", "\\n")
    return (), (f"not sent: {failed[-1].failed}", f"edit {text}")


def _retry(seat: Seat, rest: str) -> Answer:
    del rest
    again = seat.retry()
    return again, () if again else (NOTHING_FAILED,)


def _drop(seat: Seat, rest: str) -> Answer:
    del rest
    dropped = seat.drop()
    return dropped, ("forgotten" if dropped else NOTHING_FAILED,)


def _typed(text: str) -> str:
    return text.replace("\\n", "\n")


def _transfer(seat: Seat, rest: str) -> Answer:
    number, name = _number(seat, rest)
    given = f"{name} ".casefold()
    named = [a for a in seat.desk.agents.values() if given.startswith(f"{a.name} ".casefold())]
    if number is None or not named:
        names = ", ".join(one.name for one in seat.desk.agents.values())
        return (), (f"To whom? There are {names}.",)
    to = max(named, key=lambda one: len(one.name))
    return seat.transfer(number, to.id, name[len(to.name) :]), ()


def _tag(seat: Seat, rest: str) -> Answer:
    number, tags = _number(seat, rest)
    words = tags.split()
    if number is None or not words or any(word[0] not in "+-" for word in words):
        return (), ("Which tags? Say `tag N +billing -old`.",)
    add = [word[1:] for word in words if word[0] == "+"]
    return seat.tag(number, add, [word[1:] for word in words if word[0] == "-"]), ()


def _on(act: Callable[[Seat, int], Effects]) -> Callable[[Seat, str], Answer]:
    def execute(seat: Seat, rest: str) -> Answer:
        number, _ = _number(seat, rest)
        return (act(seat, number), ()) if number is not None else ((), ("Which request?",))

    return execute


def _number(seat: Seat, rest: str) -> tuple[int | None, str]:
    """Return the number that *rest* begins with, or the open one, and what is left of *rest*."""
    first, _, left = rest.partition(" ")
    digits = first.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 16:
        return int(digits), left.strip()
    return seat.open, rest


COMMANDS: Mapping[str, Callable[[Seat, str], Answer]] = {
    "help": _help,
    "list": _list,
    "open": _open,
    "more": _more,
    "say": _say,
    "note": _note,
    "claim": _on(Seat.claim),
    "release": _on(Seat.release),
    "close": _on(Seat.close),
    "reopen": _on(Seat.reopen),
    "transfer": _transfer,
    "tag": _tag,
    "away": lambda seat, _: (seat.set_status("away"), ()),
    "online": lambda seat, _: (seat.set_status("online"), ()),
    "edit": _edit,
    "drop": _drop,
    "retry": _retry,
}


LAST_ANSWERS = 10.0
"""Seconds to wait for pending answers at the end of input."""


class InputLine(str):
    """A line of input."""

    __slots__ = ()


class InputEnd:
    """The end of input."""


class _NoTimer:
    """A timer that does nothing: drafts are saved after each event."""

    def stop(self) -> None:
        """Do nothing."""


class LineConsole:
    """The line-based console at the relay at *url*; prints to *out*."""

    def __init__(self, url: str, token: str, state_dir: Path, out: IO[str]) -> None:
        self._out = out
        self._inbox: SimpleQueue[LinkEvent | InputLine | InputEnd] = SimpleQueue()
        self._seat = Seat(lambda: uuid4().hex)
        self._link = Link(url, token, self._inbox.put, monotonic)
        memory = IdentityFile(state_dir, url, token)
        self._draft_saver = DraftSaver(
            self._seat, memory, lambda _, __: _NoTimer(), self.show_notice
        )
        self._effects = EffectRunner(self._seat, self._link, self._draft_saver, self)
        self._queued: list[InputLine] = []
        self._started = False
        self._warned_of: InputLine | None = None
        self._ends_at: float | None = None

    def show_notice(self, sentence: str) -> None:
        """Write *sentence* as one line, at once."""
        self._out.write(f"{printable_cell(sentence)}\n")
        self._out.flush()

    def show_open(self) -> None:
        """Show nothing: what was said comes with the relay's answer."""

    def save_typed(self) -> None:
        """Do nothing: lines come whole."""

    def run(self, lines: IO[str]) -> None:
        """Run *lines* until they end; raise :exc:`HelpdeskError` if the token is refused."""
        reader = threading.Thread(target=self._read, args=(lines,), name="lines", daemon=True)
        reader.start()
        self._effects.run(self._draft_saver.load_last())
        self._link.start()
        try:
            while not self._ended():
                try:
                    self._handle(self._inbox.get(timeout=0.2 if self._ends_at else None))
                except Empty:
                    continue
                self._draft_saver.flush()
        finally:
            self._draft_saver.close()
            self._link.stop()

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            self._inbox.put(InputLine(line.strip()))
        self._inbox.put(InputEnd())

    def _ended(self) -> bool:
        """Return whether input has ended and nothing is pending, or the timeout has passed."""
        if self._ends_at is None:
            return False
        waits = self._seat.pending or any(not text.failed for text in self._seat.outbox.texts)
        return not (waits or self._queued) or monotonic() > self._ends_at

    def _handle(self, event: LinkEvent | InputLine | InputEnd) -> None:
        match event:
            case InputLine():
                self._execute(event)
            case InputEnd():
                self._ends_at = monotonic() + LAST_ANSWERS
            case LinkFailed(error=error):
                raise error
            case Ended(reason=reason, unauthorized=True) if not self._seat.desk.welcomed:
                raise HelpdeskError(reason)
            case Online():
                pass
            case Connecting() | Offline() | Ended():
                self._effects.run(self._seat.disconnected())
                if lines := connection_line(event, monotonic()):
                    self.show_notice(lines)
                    self._start_offline()
            case frame:
                self._receive(frame)

    def _receive(self, frame: agent_out.RelayFrame) -> None:
        number = getattr(getattr(frame, "request", None), "id", 0)
        before, there = (
            self._seat.desk.requests.get(number),
            colleague_lines(self._seat, monotonic()),
        )
        effects = reduce(self._seat, frame, monotonic())
        for line in lines_for_frame(self._seat, frame, before):
            self.show_notice(line)
        for line in colleague_lines(self._seat, monotonic()):
            if line not in there:
                self.show_notice(line)
        self._effects.run((*effects, *self._seat.mark_read()))
        if self._seat.online:
            self._start()

    def _start_offline(self) -> None:
        """Begin offline with the stored drafts, if there are any; a script waits for the relay."""
        if not self._started and self._seat.desk.epoch is not None and self._ends_at is None:
            for line in unknown_unsent_lines(self._seat):
                self.show_notice(line)
            self._start()

    def _start(self) -> None:
        """Run the lines that were read before the first welcome."""
        self._started = True
        queued, self._queued = self._queued, []
        for line in queued:
            self._execute(line)

    def _execute(self, line: InputLine) -> None:
        """Run *line*, or queue it until the first welcome."""
        if line == QUIT:
            self._inbox.put(InputEnd())
        elif not self._started:
            self._queued.append(line)
        elif (
            warning := collision_warning(self._seat, line, monotonic())
        ) and line != self._warned_of:
            self._warned_of = line
            self.show_notice(f"{warning} Say it again if yours is still needed.")
        else:
            self._warned_of = None
            effects, answer = execute(self._seat, line)
            self._effects.run(effects)
            for said in answer:
                self.show_notice(said)


def run_plain(url: str, token: str, state_dir: Path | None = None) -> int:
    """Run the plain form on this process's streams until they end; return the exit code."""
    LineConsole(url, token, state_dir or default_state_dir(), sys.stdout).run(sys.stdin)
    return 0
