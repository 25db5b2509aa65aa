"""Seeds of a search: every frame as the unit tests write it, and the words that frames use.

Pure; the fuzzer's process writes them to the files that the fuzzer reads.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from websockets.frames import Opcode

from tests.fuzz.claims import UPGRADE
from tests.unit.relay.test_frames_in import FROM_AGENTS, FROM_CUSTOMERS

HELLO = b'{"type":"hello","ref":"1"}'
AWKWARD = (
    b'{"type":"send","ref":"s","text":"\\ud800"}',
    b'{"type":"send","ref":"s","text":"\\u0000\\u202e\\r\\n"}',
    b'{"type":"send","ref":"s","ref":"t","type":"open","text":1e999}',
    b'{"type":"read","seq":9007199254740993}',
    b'{"type":"read","seq":' + b"9" * 400 + b"}",
    b'{"type":"ping","ref":"p","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    b'{"type":"page","page":{"url":"http://[::1"}}',
    b'{"type":"status","ref":"r","status":"- at `$.type`"}',
    b'{"type":"ping","ref":"p"}{"type":"ping","ref":"p"}',
    b"\xef\xbb\xbf{}",
    b"\xed\xa0\x80",
)
"""What is nearly a frame, and has broken readers of JSON before."""
GOOD_CLAIMS = b'{"sub":"u1","exp":1800003600,"name":"Ada","email":"ada@example.org"}'
"""What a site says of its customer, at the time at which the claims look."""
HALVES = (b"\\ud800", b"A\\udfffda", b"\\udc00\\ud800", b"\\u0000\\u202e")
UNTIL = (b"1e999", b"NaN", b"-1", b"9" * 400, b"[]", b"1800003600.5", b"1799999999")
REQUESTS = (
    b"GET /v1/customer?x HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /widget.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nIf-None-Match: *\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /readyz HTTP/1.0\r\n\r\nGET /readyz HTTP/1.0\r\n\r\n",
    b"GET /v1/agent HTTP/1.1\r\nOrigin: https://a.example\r\nOrigin: b\r\n" + UPGRADE.encode(),
    b"GET /v1/customer?x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + UPGRADE.encode(),
)


def golden() -> list[bytes]:
    """Return the frames of both roles, each in one line."""
    return [" ".join(text.split()).encode() for text, _ in (*FROM_CUSTOMERS, *FROM_AGENTS)]


def of(target: str) -> Iterator[bytes]:
    """Yield inputs for *target* that reach deep."""
    frames = [*golden(), *AWKWARD]
    match target:
        case "wire":
            yield from frames
        case "session":
            for first in (b"\x00", b"\x01"):
                yield from (first + HELLO + b"\n" + frame for frame in frames)
                yield first + b"\n".join([HELLO, *frames[:20]])
                yield first + b"\n\n".join([HELLO, b"\x00binary", *frames[20:40]])
                yield first + frames[3]
        case "identity":
            yield from (GOOD_CLAIMS.replace(b"Ada", name) for name in (b"Ada", *HALVES))
            yield from (GOOD_CLAIMS.replace(b"u1", subject) for subject in (b"", *HALVES))
            yield from (GOOD_CLAIMS.replace(b"1800003600", until) for until in UNTIL)
            yield from AWKWARD
        case _:
            yield from (b"\x00\x00" + request for request in REQUESTS)
            for before in (b"\x01\x00", b"\x02\x03"):
                yield from (before + masked(HELLO) + masked(frame) for frame in frames[::4])
                yield before + masked(HELLO, fin=False) + masked(b"x", Opcode.CONT)
                yield before + masked(b"", Opcode.PING) + masked(b"\x03\xe8", Opcode.CLOSE)
            for before in (b"\x01\xff", b"\x02\xff"):
                yield from (before + b"\n".join(talk) for talk in _talks(frames))


def _talks(frames: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield what comes piece by piece behind the handshake, most of it in whole texts."""
    hello, texts = masked(HELLO), [masked(frame) for frame in frames]
    yield from ([hello, text] for text in texts[::4])
    yield [hello, b"".join(texts[:9]), texts[9] + masked(b"", Opcode.PING), texts[10]]
    yield [hello, texts[0] + texts[1][:7], texts[1][7:], texts[2]]
    yield [hello, texts[0] + HELLO, texts[1]]
    yield [hello, masked(b"x" * 5_000) + texts[0], texts[1] + masked(b"x", fin=False)]
    yield [hello, texts[0] + masked(b"\x03\xe8", Opcode.CLOSE) + texts[1], texts[2]]


def masked(data: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    """Return *data* as one frame of a client; the mask is all zeros, so that words stay words."""
    length = struct.pack("!B", len(data)) if len(data) < 126 else struct.pack("!BH", 126, len(data))
    first, second, *rest = bytes([opcode | fin << 7]) + length
    return bytes([first, second | 1 << 7, *rest]) + bytes(4) + data


def words() -> list[str]:
    """Return the names and values that frames are made of, each once."""
    found = {"null", "true", "false", "\\ud800", "\\u0000", "1e999", "9007199254740993", '","'}
    for frame in golden():
        found.update(_words(json.loads(frame)))
    return sorted(found)


def _words(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield f'"{name}":'
                yield from _words(inner)
        case list():
            for inner in value:
                yield from _words(inner)
        case str():
            yield json.dumps(value)
