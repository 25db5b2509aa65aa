"""Decodes and encodes frames; invalid bytes become an error frame.

Never raises on what a client sent, and never reveals more of it than which field was wrong.
"""

import re
from typing import Generic, TypeVar

import msgspec

from relay.errors import Code
from relay.wire import agent_in, agent_out, customer
from relay.wire.objects import Error, InboundFrame

T_co = TypeVar("T_co", covariant=True)

_ENCODER = msgspec.json.Encoder()
_ANYTHING = msgspec.json.Decoder()
# A complaint may quote what was sent: only its beginning and end are msgspec's own words.
_FIELD = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`\Z")
_QUOTED_INPUT = re.compile(r"Invalid (enum )?value .*", re.DOTALL)

encode = _ENCODER.encode


class NoFrame(ValueError):  # noqa: N818 - named as Refused is
    """Raised for data from a relay that is not JSON."""


class Reader(Generic[T_co]):
    """Decodes the frames of one direction and role."""

    def __init__(self, frames: object) -> None:
        """*frames* is the union of the frames that may come."""
        self._decoder: msgspec.json.Decoder[T_co] = msgspec.json.Decoder(frames)

    def read(self, data: bytes) -> T_co | Error:
        """Return the frame in *data*, or the error that answers it (``bad_frame`` without ref)."""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return _bad("A frame is text in UTF-8.")
        try:
            return self._decoder.decode(text)
        except msgspec.ValidationError as invalid:
            return _explain(text, str(invalid))
        except (msgspec.DecodeError, RecursionError):
            return _bad("A frame is one JSON object.")

    def read_known(self, data: str) -> T_co | None:
        """Return the frame in *data*, or None if it is of a type of a newer relay.

        Raise :exc:`NoFrame` if it is none at all.
        """
        try:
            return self._decoder.decode(data)
        except msgspec.ValidationError:
            return None
        except (msgspec.DecodeError, RecursionError) as broken:
            raise NoFrame from broken


customer_frames = Reader[customer.ClientFrame](customer.ClientFrame)
agent_frames = Reader[agent_in.ClientFrame](agent_in.ClientFrame)
frames_for_customers = Reader[customer.RelayFrame](customer.RelayFrame)
frames_for_agents = Reader[agent_out.RelayFrame](agent_out.RelayFrame)


def ref_of(frame: InboundFrame) -> str | None:
    """Return the ``ref`` of *frame*, None if it wants no answer."""
    ref: str | None = getattr(frame, "ref", None)
    return ref


def _bad(message: str) -> Error:
    return Error(Code.BAD_FRAME, message)


def _explain(text: str, complaint: str) -> Error:
    """Return the error for *text*, which is JSON at its start but not one of the frames."""
    try:
        raw = _ANYTHING.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return _bad("A frame is one JSON object.")
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        return _bad("A frame is one JSON object with a string `type`.")
    ref = raw.get("ref")
    if not isinstance(ref, str) or not 1 <= len(ref) <= 64:
        ref = None
    if complaint.endswith("at `$.type`"):
        return Error(Code.UNKNOWN_TYPE, "There is no frame of that type here.", ref)
    return Error(Code.INVALID, _sentence(complaint), ref)


def _sentence(complaint: str) -> str:
    found = _FIELD.search(complaint)
    path = found["path"] if found else ""
    problem = complaint[: found.start()] if found else complaint
    if missing := _MISSING.match(problem):
        name = f"{path}.{missing['name']}" if path else missing["name"]
        return f"`{name}` is missing."
    problem = _QUOTED_INPUT.sub("Not one of the values it may have", problem)
    return f"`{path}`: {problem}."
