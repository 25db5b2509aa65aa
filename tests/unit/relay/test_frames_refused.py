"""Errors for invalid frames: a code and the field, never the data that was sent."""

import pytest

from relay.errors import Code
from relay.wire import customer
from relay.wire.codec import Reader, agent_frames, customer_frames
from relay.wire.objects import Error


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"{",
        b'{"type":"ping","ref":"p"',
        b'{"type":"ping","ref":"p"} {}',
        b'{"type":"nonsense"',
        b"[]",
        b'["ping"]',
        b"null",
        b"1",
        b'"ping"',
        b"{}",
        b'{"ref":"p"}',
        b'{"type":null,"ref":"p"}',
        b'{"type":1,"ref":"p"}',
        b'{"type":["ping"],"ref":"p"}',
        b"\xff\xfe",
        b'{"type":"ping","ref":"\xff"}',
        b'{"type":"ping","ref":"\xed\xa0\x80"}',
        b'{"type":"send","ref":"s","text":"\\ud800"}',
        b'{"type":"send","ref":"s","text":"\\ude00\\ud83d"}',
        b'{"type":"send","ref":"s","text":"x","colour":"\\ud800"}',
        b'{"type":"\\ud800","ref":"s"}',
        b'{"type":"nonsense","text":"\\ud800"}',
        b"[" * 60_000,
        b'{"type":"ping","ref":"p","x":' + b"[" * 60_000,
        b'{"type":"ping","ref":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ],
    ids=lambda data: data[:30].decode(errors="replace") or "empty",
)
def test_what_is_no_frame_is_a_bad_frame_without_a_ref(data: bytes) -> None:
    for error in (customer_frames.read(data), agent_frames.read(data)):
        assert isinstance(error, Error)
        assert (error.code, error.ref) == (Code.BAD_FRAME, None)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (customer_frames, '{"type":"claim","ref":"r","request":42}'),
        (customer_frames, '{"type":"note","ref":"r"}'),
        (customer_frames, '{"type":"","ref":"r"}'),
        (customer_frames, '{"type":"Ping","ref":"r"}'),
        (customer_frames, '{"type":"welcome","ref":"r"}'),
        (agent_frames, '{"type":"open","ref":"r"}'),
        (agent_frames, '{"type":"rate","ref":"r","score":5}'),
        (agent_frames, '{"ref":"r","type":"at `$.status`"}'),
    ],
)
def test_a_type_that_the_role_does_not_have_is_unknown(reader: Reader[object], text: str) -> None:
    error = reader.read(text.encode())
    assert isinstance(error, Error)
    assert (error.code, error.ref) == (Code.UNKNOWN_TYPE, "r")


@pytest.mark.parametrize(
    ("reader", "text", "field"),
    [
        (customer_frames, '{"type":"send","ref":"r"}', "text"),
        (customer_frames, '{"type":"send","ref":"r","text":null}', "text"),
        (customer_frames, '{"type":"send","ref":"r","text":5}', "text"),
        (customer_frames, '{"type":"send","ref":"r","text":"x","request":"42"}', "request"),
        (customer_frames, '{"type":"send","ref":"r","text":"x","request":0}', "request"),
        (customer_frames, '{"type":"send","ref":"r","text":"x","request":1e99}', "request"),
        (customer_frames, f'{{"type":"close","ref":"r","x":1,"ref":"{"r" * 65}"}}', "ref"),
        (customer_frames, '{"type":"rate","ref":"r","score":0}', "score"),
        (customer_frames, '{"type":"rate","ref":"r","score":6}', "score"),
        (customer_frames, '{"type":"rate","ref":"r","score":4.5}', "score"),
        (customer_frames, '{"type":"rate","ref":"r","score":true}', "score"),
        (customer_frames, '{"type":"history","ref":"r","before":-1}', "before"),
        (customer_frames, '{"type":"history","ref":"r","before":1,"limit":0}', "limit"),
        (customer_frames, '{"type":"history","ref":"r","before":1,"limit":201}', "limit"),
        (customer_frames, '{"type":"hello","ref":"r","after":-1}', "after"),
        (customer_frames, '{"type":"hello","ref":"r","page":{"url":7}}', "page.url"),
        (customer_frames, '{"type":"typing","ref":"r","on":1}', "on"),
        (customer_frames, '{"type":"read","ref":"r","seq":9007199254740993}', "seq"),
        (customer_frames, '{"type":"page","ref":"r","page":null}', "page"),
        (agent_frames, '{"type":"claim","ref":"r"}', "request"),
        (agent_frames, '{"type":"status","ref":"r","status":"asleep"}', "status"),
        (agent_frames, '{"type":"agent_add","ref":"r","name":"X","role":"root"}', "role"),
        (agent_frames, '{"type":"tag","ref":"r","request":1,"add":["A"]}', "add[0]"),
        (agent_frames, '{"type":"tag","ref":"r","request":1,"add":["a\\n"]}', "add[0]"),
        (agent_frames, '{"type":"tag","ref":"r","request":1,"remove":[""]}', "remove[0]"),
        (agent_frames, '{"type":"list","ref":"r","filter":{"status":"x"}}', "filter.status"),
        (agent_frames, '{"type":"hello","ref":"r","queue":"yes"}', "queue"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_the_ref_repeated(
    reader: Reader[object], text: str, field: str
) -> None:
    error = reader.read(text.encode())
    assert isinstance(error, Error)
    ref = None if field == "ref" else "r"
    assert (error.code, error.ref) == (Code.INVALID, ref)
    assert error.message.startswith(f"`{field}`")


@pytest.mark.parametrize(
    "ref", ["null", '""', '"' + "r" * 65 + '"', "5", "[]"], ids=lambda ref: ref[:5]
)
def test_a_ref_that_is_none_is_not_repeated(ref: str) -> None:
    error = customer_frames.read(f'{{"type":"close","ref":{ref}}}'.encode())
    assert isinstance(error, Error)
    assert (error.code, error.ref) == (Code.INVALID, None)
    assert error.message.startswith("`ref`")


@pytest.mark.parametrize("ref", ["r", "r" * 64, "é😀", " "])
def test_a_ref_has_1_to_64_characters(ref: str) -> None:
    assert customer_frames.read(f'{{"type":"close","ref":"{ref}"}}'.encode()) == customer.Close(ref)


@pytest.mark.parametrize(
    "words",
    [
        "secret",
        "secret` - at `$.secret",
        "secret - at `$.type`",
        "missing required field `secret`",
        "Object missing required field `secret`",
    ],
)
def test_an_error_never_repeats_what_was_sent(words: str) -> None:
    error = agent_frames.read(f'{{"type":"status","ref":"r","status":"{words}"}}'.encode())
    assert error == Error(Code.INVALID, "`status`: Not one of the values it may have.", "r")
