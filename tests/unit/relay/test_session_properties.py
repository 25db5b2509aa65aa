"""Sessions with arbitrary input: no exception, and every frame is answered or passed on."""

import json
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Opcode

from tests.fuzz import claims, mutate, seeds
from tests.unit.relay.search import few
from tests.unit.relay.test_codec_properties import broken_frames, lines

said = st.one_of(lines, broken_frames(), st.binary(max_size=8), st.just(b"\x00"), st.just(b""))
awkward = st.text("a\u00e9\ud83d\ude00\x00\u202e\u2028 ", max_size=4)
roles = st.sampled_from([b"\x00", b"\x01"])
greeted = st.sampled_from([seeds.HELLO + b"\n", b""])
talks = st.builds(
    lambda role, hello, said: role + hello + b"\n".join(said),
    roles,
    greeted,
    st.lists(said, max_size=30),
)
handshakes = st.sampled_from([b"\x00", b"\x01", b"\x02"])
pieces = st.sampled_from([b"\x00", b"\x01", b"\x07"])
requests = st.sampled_from(seeds.REQUESTS)
frames = st.one_of(
    st.builds(seeds.masked, lines, fin=st.booleans()),
    st.builds(seeds.masked, broken_frames()),
    st.binary(max_size=20),
    requests,
)


def under_a_mask(text: bytes, mask: bytes, fin: bool = True) -> bytes:
    frame = seeds.masked(text, fin=fin)
    hidden = bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))
    return frame[: len(frame) - len(text) - 4] + mask + hidden


WHOLE = under_a_mask(b"a" * 200, b"mask")
PING = seeds.masked(b"", Opcode.PING)
OF_FRAMES = seeds.masked(under_a_mask(b"a", b"mask") * 3)
small = st.builds(
    under_a_mask,
    st.binary(max_size=300),
    st.binary(min_size=4, max_size=4),
    st.sampled_from([True, True, True, False]),
)
streams = st.builds(
    lambda before, size, said: before + size + b"".join(said),
    handshakes,
    pieces,
    st.lists(frames, max_size=8),
)


@given(talks)
@example(b"\x00" + seeds.HELLO + b"\n" + b"x\n" * 12)
@example(b"\x01" + seeds.HELLO + b"\n" + b'{"type":"ping","ref":"p"}\n' * 100)
@few
def test_every_frame_is_taken_or_answered(data: bytes) -> None:
    claims.session(data)


@given(talks, st.integers(0, 2**32))
@few
def test_every_frame_of_a_garbled_conversation_is_taken_or_answered(data: bytes, by: int) -> None:
    claims.session(mutate.conversation(data, Random(by)))


@given(st.sampled_from(list(seeds.of("identity"))), st.integers(0, 2**32))
@few
def test_whatever_a_site_signs_is_a_clean_identity_or_refused(said: bytes, by: int) -> None:
    claims.identity(mutate.line(said, Random(by)))


@given(awkward, awkward)
@few
def test_no_character_of_a_signed_name_escapes(subject: str, name: str) -> None:
    said = {"sub": subject, "exp": claims.SIGNED_AT + 60, "name": name}
    claims.identity(json.dumps(said).encode())


@given(st.lists(st.lists(st.one_of(small, small, frames), max_size=4).map(b"".join), max_size=9))
@example([WHOLE, WHOLE * 3 + WHOLE[:5], WHOLE[5:] + WHOLE[:100], WHOLE[100:]])
@example([PING + OF_FRAMES[:6], OF_FRAMES[6:]])
@example([under_a_mask(b"half", b"1234", fin=False), WHOLE])
@example([WHOLE, b"\x81\xfe\x10\x01" + WHOLE * 30])
@few
def test_what_is_read_by_hand_is_what_the_library_reads(data: list[bytes]) -> None:
    hello = seeds.masked(seeds.HELLO)
    claims.pieces([f"GET /v1/customer HTTP/1.1\r\n{claims.UPGRADE}".encode(), hello, *data])


@given(streams)
@few
def test_any_bytes_on_a_socket_are_answered_or_end_it(data: bytes) -> None:
    claims.protocol(data)
