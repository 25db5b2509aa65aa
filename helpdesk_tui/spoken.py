"""The commands of the plain form: a word and what it needs, a line each.

A request's number may be left out where one is open. A text may have `\\n` for a line's end.
"""

from collections.abc import Callable, Iterable, Mapping

from helpdesk_tui.model.colleagues import collision
from helpdesk_tui.model.effects import Effects
from helpdesk_tui.model.events import kept, kept_unknown, listed, said
from helpdesk_tui.model.seat import Seat

QUIT = "quit"
MANY = 50
NOTHING_FAILED = "Nothing has failed here."
NONE_OPEN = "No request is open; say `open N` first."
Answer = tuple[Effects, Iterable[str]]

HELP = """\
list                 the open requests
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


def obey(seat: Seat, line: str) -> Answer:
    """Return what follows from *line* and what to say at once. Never raises."""
    word, _, rest = line.partition(" ")
    if not word:
        return (), ()
    if do := COMMANDS.get(word.removeprefix("/")):
        return do(seat, rest.strip())
    return (), (f"There is no command {word!r}; `help` lists them.",)


def in_the_way(seat: Seat, line: str, now: float) -> str:
    """Return that a colleague is writing where *line* would send an answer; or nothing."""
    sends = line.partition(" ")[0].removeprefix("/") == "say"
    return collision(seat, now) if sends else ""


def _help(seat: Seat, rest: str) -> Answer:
    del seat, rest
    return (), HELP.splitlines()


def _list(seat: Seat, rest: str) -> Answer:
    del rest
    known = [request for request in seat.desk.requests.values() if not request.closed]
    if not seat.desk.welcomed:
        return (), (*kept_unknown(seat), "Who waits is not known before the relay answers.")
    told = listed(seat, sorted(known, key=lambda request: request.id))
    return (), (*kept_unknown(seat), *told)


def _open(seat: Seat, rest: str) -> Answer:
    number, _ = _number(seat, rest)
    if number is None:
        return (), ("Which one? Say `open N`.",)
    return (*seat.open_request(number), *seat.enter()), kept(seat, number)


def _more(seat: Seat, rest: str) -> Answer:
    del rest
    if seat.open is None:
        return (), (NONE_OPEN,)
    return (), (*said(seat, seat.open, MANY), *kept(seat, seat.open))


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
    def do(seat: Seat, rest: str) -> Answer:
        number, _ = _number(seat, rest)
        return (act(seat, number), ()) if number is not None else ((), ("Which request?",))

    return do


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
