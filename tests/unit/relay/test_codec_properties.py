"""Readers return a frame or an error with a code for arbitrary bytes."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import claims, mutate, seeds
from tests.unit.relay.search import few

values = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**53 + 1, "", "ping", "x" * 70, "\n", [], [None], {}, {"url": 1}]
)
keys = st.sampled_from(["type", "ref", "request", "text", "page", ""])
json = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)
lines = st.sampled_from([*seeds.golden(), *seeds.AWKWARD])


@st.composite
def broken_frames(draw: st.DrawFn) -> bytes:
    """Return a frame of the protocol with things changed, and perhaps cut short."""
    frame, chance = draw(lines), Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 3))):
        frame = mutate.line(frame, chance)
    return frame[: draw(st.sampled_from([None, None, -1, 20]))]


@given(st.binary(max_size=60))
@few
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    claims.wire(data)


@given(json)
@few
def test_arbitrary_json_never_raises(value: object) -> None:
    claims.wire(msgspec.json.encode(value))


@given(broken_frames())
@few
def test_a_frame_that_was_tampered_with_never_raises(data: bytes) -> None:
    claims.wire(data)


@given(st.sampled_from([b"[", b'{"x":', b'{"type":']), st.integers(1, 20_000))
@few
def test_no_depth_of_nesting_raises(opening: bytes, depth: int) -> None:
    closing = b"]" if opening == b"[" else b"}"
    claims.wire(opening * depth)
    claims.wire(opening * depth + b"1" + closing * depth)
    claims.wire(b'{"type":"ping","ref":"p","x":' + opening * depth + b"1" + closing * depth + b"}")


@given(st.integers(1, 20_000), st.sampled_from(["", "-", "0.", "1e", "1e-"]))
@few
def test_no_number_is_too_long(digits: int, before: str) -> None:
    number = f"{before}{'9' * digits}"
    claims.wire(f'{{"type":"read","seq":{number}}}'.encode())
    claims.wire(f'{{"type":"claim","ref":"r","request":{number},"x":{number}}}'.encode())


@pytest.mark.parametrize("target", claims.CLAIMS)
def test_what_the_fuzzer_begins_with_holds(target: str) -> None:
    for seed in seeds.of(target):
        claims.CLAIMS[target](seed)
