"""Whatever comes from the network, a reader gives a frame or an error with a code."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Code
from relay.wire.codec import Reader, agent_frames, customer_frames
from relay.wire.objects import Error
from tests.unit.relay.search import few
from tests.unit.relay.test_frames_in import FROM_AGENTS, FROM_CUSTOMERS

READERS: tuple[Reader[Any], ...] = (customer_frames, agent_frames)
VALID: list[dict[str, Any]] = [
    msgspec.json.decode(text) for text, _ in [*FROM_CUSTOMERS, *FROM_AGENTS]
]

values = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**53 + 1, "", "ping", "x" * 70, "\n", [], [None], {}, {"url": 1}]
)
keys = st.sampled_from(["type", "ref", "request", "text", "page", ""])
json = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def broken_frames(draw: st.DrawFn) -> bytes:
    """Return a frame of the protocol with a field changed, added or missing, or cut short."""
    frame = dict(draw(st.sampled_from(VALID)))
    field = draw(st.sampled_from([*frame, "ref", "request", "colour"]))
    frame[field] = draw(values)
    if draw(st.booleans()):
        del frame[field]
    encoded = msgspec.json.encode(frame)
    return encoded[: draw(st.integers(0, 20)) or None]


def gives_a_frame_or_an_error_with_a_code(data: bytes) -> None:
    for reader in READERS:
        read = reader.read(data)
        if isinstance(read, Error):
            assert read.code in {Code.BAD_FRAME, Code.UNKNOWN_TYPE, Code.INVALID}
            assert read.message
            assert read.code != Code.BAD_FRAME or read.ref is None
            assert reader.read(data) == read
        else:
            assert reader.read(msgspec.json.encode(read)) == read


@given(st.binary(max_size=60))
@few
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    gives_a_frame_or_an_error_with_a_code(data)


@given(json)
@few
def test_arbitrary_json_never_raises(value: object) -> None:
    gives_a_frame_or_an_error_with_a_code(msgspec.json.encode(value))


@given(broken_frames())
@few
def test_a_frame_that_was_tampered_with_never_raises(data: bytes) -> None:
    gives_a_frame_or_an_error_with_a_code(data)
