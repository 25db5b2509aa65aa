"""The states of a connection, from before ``hello`` to the end, as effects to be carried out.

It answers by itself what needs no desk: frames that are none, ``ping``, too many frames. It never
knows who is at the other end, only whether they have been let in.
"""

from msgspec import Struct

from relay.errors import CloseCode, Code, Refused
from relay.session.rate_limit import Bucket
from relay.session.validation import Frame, checked
from relay.value import Value
from relay.wire import agent_in, customer, webhooks
from relay.wire.codec import Reader
from relay.wire.objects import Error, Pong
from relay.wire.present import error_object

BAD_FRAMES = 10
"""How many bad frames end a connection (close code 4002)."""

CONTROL_PER_SECOND, CONTROL_BURST = 10.0, 50
"""Pings and pongs that a client may send; each beyond them is a bad frame."""
FRAME_COST = 256
"""Bytes that each frame counts for besides its own: what reading one costs."""
BYTES_BURST = 4
"""How many seconds' worth of bytes may come at once."""

MESSAGES = frozenset({customer.Open, customer.Send, agent_in.Send, agent_in.Note})
PINGS = (customer.Ping, agent_in.Ping)
HELLOS = (customer.Hello, agent_in.Hello)
QUESTIONS: frozenset[type[Frame]] = frozenset(
    {
        customer.Hello,
        customer.HistoryBefore,
        agent_in.Hello,
        agent_in.Join,
        agent_in.HistoryBefore,
        agent_in.List,
        agent_in.Search,
        agent_in.Stats,
        agent_in.Usage,
        agent_in.Follow,
        agent_in.Agents,
        agent_in.Purge,
        webhooks.WebhooksAsked,
        webhooks.DeadLettersAsked,
    }
)
"""Frames with long answers: the next frame is taken when the answer is on its way."""


class Limits(Value, frozen=True):
    """What one connection may send: code points a text, frames a second of both kinds, bytes.

    As many bytes a second may its answers have.
    """

    text: int
    messages_per_second: float
    burst: int
    others_per_second: float
    others_burst: int
    bytes_per_second: int = 0


class Send(Value, frozen=True):
    """Say *frame* to the client."""

    frame: Struct


class Submit(Value, frozen=True):
    """Take *frame*, which is whole and clean, to the desk. ``waits``: no other frame until then."""

    frame: Frame
    waits: bool


class HangUp(Value, frozen=True):
    """End the connection."""

    code: CloseCode
    reason: str


Effect = Send | Submit | HangUp


class Session:
    """One connection. Feed it with :meth:`receive` and carry out what it returns, in order."""

    __slots__ = (
        "_answers",
        "_bad_frames",
        "_bytes",
        "_control",
        "_greeted",
        "_limits",
        "_messages",
        "_others",
        "_reader",
    )

    def __init__(self, reader: Reader[Frame], limits: Limits, now: float) -> None:
        """Begin at *now* (seconds of a steady clock) with a client that *reader* understands."""
        self._reader = reader
        self._limits = limits
        self._greeted = False
        self._bad_frames = 0
        self._messages = Bucket(limits.messages_per_second, limits.burst, now)
        self._others = Bucket(limits.others_per_second, limits.others_burst, now)
        self._control = Bucket(CONTROL_PER_SECOND, CONTROL_BURST, now)
        rate = limits.bytes_per_second
        self._bytes = Bucket(rate, rate * BYTES_BURST, now)
        # Not the same bucket: pongs are read on while an answer is paid for.
        self._answers = Bucket(rate, rate * BYTES_BURST, now)

    def receive(self, data: bytes | None, now: float) -> tuple[Effect, ...]:
        """Return what follows from a text message *data*, or from a binary one (None)."""
        read = None if data is None else self._reader.read(data)
        if read is None or (isinstance(read, Error) and read.code == Code.BAD_FRAME):
            return self._bad_frame(read or Error(Code.BAD_FRAME, "A frame is text, not binary."))
        bucket = self._messages if type(read) in MESSAGES else self._others
        if wait := bucket.wait(now):
            return (Send(_too_fast(read, wait)),)
        if not self._greeted and not isinstance(read, HELLOS):
            return _end_unauthorized(read)
        return (Send(read),) if isinstance(read, Error) else self._take(read)

    def control(self, now: float) -> tuple[Effect, ...]:
        """Return what follows from a ping or a pong."""
        if not self._control.wait(now):
            return ()
        return self._bad_frame(Error(Code.BAD_FRAME, "Too many pings; one in 20 s is enough."))

    def weigh(self, size: int, frames: int, now: float) -> float:
        """Count *size* bytes in which *frames* ended; return the seconds to read no more for."""
        return self._bytes.spend(size + frames * FRAME_COST, now)

    def charge(self, size: int, now: float) -> float:
        """Count an answer of *size* bytes; return the seconds to take no other frame for."""
        return self._answers.spend(size, now)

    def _take(self, frame: Frame) -> tuple[Effect, ...]:
        waits = type(frame) in QUESTIONS
        if waits and isinstance(frame, HELLOS):
            if self._greeted:
                return (Send(Error(Code.INVALID, "`hello` was said already.", frame.ref)),)
            self._greeted = True
        elif isinstance(frame, PINGS):
            return (Send(Pong(frame.ref)),)
        try:
            return (Submit(checked(frame, self._limits.text), waits),)
        except Refused as refused:
            return (Send(error_object(refused, ref_of(frame))),)

    def _bad_frame(self, error: Error) -> tuple[Effect, ...]:
        self._bad_frames += 1
        if self._bad_frames < BAD_FRAMES:
            return (Send(error),)
        return (Send(error), HangUp(CloseCode.BAD_FRAMES, "ten bad frames"))


def ref_of(frame: Frame | Error) -> str | None:
    """Return what *frame* calls itself, None if it wants no answer."""
    ref: str | None = getattr(frame, "ref", None)
    return ref


def _end_unauthorized(frame: Frame | Error) -> tuple[Effect, ...]:
    if isinstance(frame, Error):
        error = frame
    else:
        error = Error(Code.UNAUTHORIZED, "Say `hello` first.", ref_of(frame))
    return (Send(error), HangUp(CloseCode.UNAUTHORIZED, "hello first"))


def _too_fast(frame: Frame | Error, wait: float) -> Error:
    seconds = round(wait + 0.005, 2)
    message = f"Too many messages; wait {seconds:g} s."
    return Error(Code.RATE_LIMITED, message, ref_of(frame), seconds)
