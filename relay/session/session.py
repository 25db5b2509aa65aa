"""State of one connection without its socket: bytes in, a validated frame or an answer out.

Answers by itself what needs no service: bytes that are no frame, ``ping``, frames beyond a rate
limit. Does not know who the client is, only whether it has said ``hello``.
"""

from relay.errors import CloseCode, Code, Refused
from relay.session.rate_limit import TokenBucket
from relay.value import Value
from relay.wire import agent_in, customer
from relay.wire.codec import Reader, ref_of
from relay.wire.objects import Error, Pong
from relay.wire.present import error_object
from relay.wire.validation import Frame, validated

BAD_FRAMES = 10
"""Number of bad frames that end a connection (close code 4002)."""

CONTROL_PER_SECOND, CONTROL_BURST = 10.0, 50
"""Pings and pongs that a client may send; each beyond them is a bad frame."""
FRAME_COST = 256
"""Bytes that each frame counts for besides its own: what reading one costs."""
BYTES_BURST = 4
"""Seconds' worth of bytes that may come at once."""

PINGS = (customer.Ping, agent_in.Ping)
HELLOS = (customer.Hello, agent_in.Hello)


class SessionLimits(Value, frozen=True):
    """Limits of one connection: code points a text, frames a second of both kinds, bytes.

    ``bytes_per_second`` holds for its answers too.
    """

    text: int
    messages_per_second: float
    burst: int
    others_per_second: float
    others_burst: int
    bytes_per_second: int = 0


class Response(Value, frozen=True):
    """The session's own answer to a frame; with ``close`` the connection ends after it."""

    frame: Error | Pong
    close: tuple[CloseCode, str] | None = None


class Session:
    """One connection's ``hello``, rate limits and count of bad frames."""

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

    def __init__(self, reader: Reader[Frame], limits: SessionLimits, now: float) -> None:
        """Begin at *now* (seconds of a steady clock); *reader* decodes the client's frames."""
        self._reader = reader
        self._limits = limits
        self._greeted = False
        self._bad_frames = 0
        self._messages = TokenBucket(limits.messages_per_second, limits.burst, now)
        self._others = TokenBucket(limits.others_per_second, limits.others_burst, now)
        self._control = TokenBucket(CONTROL_PER_SECOND, CONTROL_BURST, now)
        rate = limits.bytes_per_second
        self._bytes = TokenBucket(rate, rate * BYTES_BURST, now)
        # Not the same bucket: pongs are read on while an answer is paid for.
        self._answers = TokenBucket(rate, rate * BYTES_BURST, now)

    def receive(self, data: bytes | None, now: float) -> Frame | Response:
        """Return the validated frame in the text message *data*, or what answers it at once.

        A binary message is None.
        """
        if data is None:
            return self._bad_frame(Error(Code.BAD_FRAME, "A frame is text, not binary."))
        frame = self._reader.read(data)
        if isinstance(frame, Error):
            return self._undecoded(frame, now)
        if wait := (self._messages if frame.MESSAGE else self._others).acquire(now):
            return Response(_too_fast(ref_of(frame), wait))
        if not self._greeted:
            if not isinstance(frame, HELLOS):
                return _unauthorized(Error(Code.UNAUTHORIZED, "Say `hello` first.", ref_of(frame)))
            self._greeted = True
        elif isinstance(frame, PINGS):
            return Response(Pong(frame.ref))
        elif isinstance(frame, HELLOS):
            return Response(Error(Code.INVALID, "`hello` was said already.", frame.ref))
        try:
            return validated(frame, self._limits.text)
        except Refused as refused:
            return Response(error_object(refused, ref_of(frame)))

    def receive_control_frame(self, now: float) -> Response | None:
        """Return the answer to a ping or pong of WebSocket, None while there are not too many."""
        if not self._control.acquire(now):
            return None
        return self._bad_frame(Error(Code.BAD_FRAME, "Too many pings; one in 20 s is enough."))

    def count_received(self, size: int, frames: int, now: float) -> float:
        """Count *size* bytes in which *frames* ended; return the seconds to read no more for."""
        return self._bytes.spend(size + frames * FRAME_COST, now)

    def count_answer(self, size: int, now: float) -> float:
        """Count an answer of *size* bytes; return the seconds to handle no further frame for."""
        return self._answers.spend(size, now)

    def _undecoded(self, error: Error, now: float) -> Response:
        """Return the answer to bytes that *error* says are not one of the frames."""
        if error.code == Code.BAD_FRAME:
            return self._bad_frame(error)
        if wait := self._others.acquire(now):
            return Response(_too_fast(error.ref, wait))
        return Response(error) if self._greeted else _unauthorized(error)

    def _bad_frame(self, error: Error) -> Response:
        self._bad_frames += 1
        if self._bad_frames < BAD_FRAMES:
            return Response(error)
        return Response(error, (CloseCode.BAD_FRAMES, "ten bad frames"))


def _unauthorized(error: Error) -> Response:
    return Response(error, (CloseCode.UNAUTHORIZED, "hello first"))


def _too_fast(ref: str | None, wait: float) -> Error:
    seconds = round(wait + 0.005, 2)
    return Error(Code.RATE_LIMITED, f"Too many messages; wait {seconds:g} s.", ref, seconds)
