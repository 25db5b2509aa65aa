"""Refused frames: code, field and ref of the error; the connection stays open (section 2)."""

import json
from typing import Any

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, Wire

LONG = "x" * 4001
CUSTOMER: dict[str, Frame] = {
    "open": {"ref": "a"},
    "send": {"ref": "a", "text": "hi"},
    "history": {"ref": "a", "before": 9},
    "typing": {"on": True},
    "read": {"seq": 1},
    "page": {"page": {"url": "https://shop.example/"}},
    "close": {"ref": "a"},
    "rate": {"ref": "a", "score": 5},
    "ping": {"ref": "a"},
}
ONE: Frame = {"ref": "a", "request": 1}
AGENT: dict[str, Frame] = {
    "join": ONE,
    "leave": {"request": 1},
    "claim": ONE,
    "release": ONE,
    "transfer": ONE | {"to": 1},
    "send": ONE | {"text": "hi"},
    "note": ONE | {"text": "hi"},
    "typing": {"request": 1, "on": True},
    "read": {"request": 1, "seq": 1},
    "close": ONE,
    "reopen": ONE,
    "tag": ONE | {"add": ["a"]},
    "history": ONE | {"before": 9},
    "list": {"ref": "a"},
    "status": {"ref": "a", "status": "away"},
    "agents": {"ref": "a"},
    "agent_add": {"ref": "a", "name": "Kim", "role": "agent"},
    "agent_token": {"ref": "a", "agent": 1},
    "agent_set": {"ref": "a", "agent": 1},
    "canned_set": {"ref": "a", "name": "hello", "text": "Hello"},
    "canned_remove": {"ref": "a", "name": "hello"},
    "ping": {"ref": "a"},
}
OPTIONAL = {("tag", "add"), ("agent_add", "role")}

CUSTOMER_BOUNDS: list[tuple[str, str, Any]] = [
    ("open", "name", "n" * 101),
    ("open", "name", 5),
    ("open", "email", "e" * 255),
    ("open", "text", LONG),
    ("open", "text", " \u0007\n"),
    ("send", "text", LONG),
    ("send", "text", ""),
    ("send", "text", "\t\r\n "),
    ("send", "text", None),
    ("send", "request", 0),
    ("send", "request", "1"),
    ("history", "before", -1),
    ("history", "limit", 0),
    ("history", "limit", 201),
    ("history", "limit", 1.5),
    ("rate", "score", 0),
    ("rate", "score", 6),
    ("rate", "score", True),
    ("rate", "comment", "c" * 1001),
    ("close", "ref", 5),
    ("close", "ref", ""),
    ("close", "ref", "r" * 65),
    ("page", "page", "https://shop.example/"),
    ("page", "page.url", 5),
    ("typing", "on", 1),
    ("read", "seq", -1),
]
AGENT_BOUNDS: list[tuple[str, str, Any]] = [
    ("join", "after", -1),
    ("join", "request", "1"),
    ("join", "request", 0),
    ("transfer", "to", "Sam"),
    ("transfer", "note", LONG),
    ("send", "text", LONG),
    ("note", "text", LONG),
    ("note", "text", "  "),
    ("tag", "add", "billing"),
    ("tag", "add", ["Billing"]),
    ("tag", "add", ["a b"]),
    ("tag", "add", [""]),
    ("tag", "add", ["a" * 33]),
    ("tag", "add", ["a\n"]),
    ("tag", "remove", [5]),
    ("history", "limit", 201),
    ("list", "limit", 0),
    ("list", "before", "x"),
    ("list", "filter", []),
    ("list", "filter.status", "open"),
    ("list", "filter.agent", "Sam"),
    ("list", "filter.since", "yesterday"),
    ("list", "filter.until", "2026-11-22T10:00:00"),
    ("list", "filter.closed_before", 5),
    ("list", "filter.requests", ["1"]),
    ("status", "status", "offline"),
    ("agent_add", "name", "n" * 101),
    ("agent_add", "name", "\n"),
    ("agent_add", "role", "boss"),
    ("agent_set", "disabled", "yes"),
    ("agent_set", "role", "boss"),
    ("agent_set", "name", ""),
    ("canned_set", "text", LONG),
    ("canned_set", "name", ""),
    ("canned_remove", "name", 5),
]


async def one_of(desk: Desk, role: str) -> Wire:
    return await (desk.customer() if role == "customer" else desk.agent("Sam", "admin"))


def with_field(frame: Frame, path: str, value: object) -> Frame:
    first, _, rest = path.partition(".")
    return frame | {first: {rest: value} if rest else value}


@pytest.mark.parametrize("role", ["customer", "agent"])
async def test_a_missing_field_is_invalid_and_named(desk: Desk, role: str) -> None:
    client = await one_of(desk, role)
    frames = CUSTOMER if role == "customer" else AGENT
    for kind, frame in frames.items():
        for field in frame.keys() - {name for of, name in OPTIONAL if of == kind}:
            rest = {name: value for name, value in frame.items() if name != field}
            await client.send(kind, **rest)
            error = await client.receive(lambda it: it["type"] == "error", f"{kind} less {field}")
            assert error["code"] == "invalid", (kind, field, error)
            assert f"`{field}`" in error["message"]
            assert error.get("ref") == rest.get("ref")


@pytest.mark.parametrize("role", ["customer", "agent"])
async def test_a_field_of_the_wrong_kind_or_out_of_bounds_is_invalid_and_named(
    start: Start, role: str
) -> None:
    frames = CUSTOMER if role == "customer" else AGENT
    async with start(**FREE) as desk:
        client = await one_of(desk, role)
        for kind, path, value in CUSTOMER_BOUNDS if role == "customer" else AGENT_BOUNDS:
            row = (kind, path, value)
            frame = with_field(frames[kind], path, value)
            await client.send(kind, **frame)
            error = await client.receive(lambda it: it["type"] == "error", str(row))
            assert error["code"] == "invalid", row
            assert path in error["message"], row
            assert error.get("ref") == (None if path == "ref" else frame.get("ref")), row
            await client.ok("ping")


BAD_HELLO: list[tuple[str, Any]] = [
    ("ref", 5),
    ("token", 5),
    ("site", None),
    ("after", -1),
    ("request", 0),
    ("page", []),
    ("identity", {}),
    ("epoch", 1),
    ("locale", 3),
]


async def test_a_hello_with_a_bad_field_is_refused_and_ends_the_connection(start: Start) -> None:
    async with start(**FREE) as desk:
        for field, value in BAD_HELLO:
            client = await desk.socket("customer")
            await client.send("hello", **({"ref": "a"} | {field: value}))
            error = await client.receive(lambda it: it["type"] == "error", f"an error for {field}")
            assert error["code"] == "invalid", field
            assert field in error["message"]
            assert await client.ended() == 4000, field


async def test_a_type_that_customers_do_not_have_is_unknown(desk: Desk) -> None:
    client = await desk.customer()
    for kind in ("nonsense", "welcome", "claim", "note", "Send", ""):
        assert await client.refused(kind, request=1, text="x") == "unknown_type", kind
        await client.ok("ping")


async def test_a_type_that_agents_do_not_have_is_unknown(desk: Desk) -> None:
    client = await desk.agent("Sam", "admin")
    for kind in ("nonsense", "open", "page", "rate", "forget"):
        assert await client.refused(kind, request=1, text="x") == "unknown_type", kind


BAD: list[str | bytes] = [
    b'{"type":"ping","ref":"a"}',  # binary
    "",
    "hello",
    "[]",
    '"ping"',
    "null",
    "5",
    '{"ref":"a"}',
    '{"type":5,"ref":"a"}',
    '{"type":null}',
    '{"type":"ping","ref":"a"} {}',
    '{"type":"ping","ref":"a"',
    '{"type":"ping","ref":NaN}',
    '{"type":"send","ref":"a","text":"\\ud800"}',
    '{"type":"send","ref":"a","text":"\\udc00\\ud800"}',
    '{"type":"ping","ref":"a","other":"\\udfff"}',
    "[" * 60_000,
]


async def test_a_bad_frame_is_answered_without_a_ref(start: Start) -> None:
    async with start(**FREE) as desk:
        for data in BAD:
            client = await desk.asker()  # a new one: ten bad frames end a connection
            await client.raw(data)
            error = await client.receive(
                lambda it: it["type"] == "error", f"an error: {data[:40]!r}"
            )
            assert error["code"] == "bad_frame", data
            assert set(error) == {"type", "code", "message"}, data
            await client.ok("ping")


async def test_a_raw_lone_surrogate_is_a_bad_frame(desk: Desk) -> None:
    client = await desk.asker()
    frame = json.dumps({"type": "send", "ref": "a", "text": "\ud800"}, ensure_ascii=False)
    await client.raw(frame.encode("utf-8", "surrogatepass"), text=True)
    assert (await client.receive(lambda it: it["type"] == "error", "an error"))[
        "code"
    ] == "bad_frame"


async def test_the_ref_of_an_error_is_that_of_its_frame_whatever_it_holds(desk: Desk) -> None:
    client = await desk.customer()
    for ref in ("\u202e\u0000\n", "😀" * 64, "a"):
        assert (await client.ask("send", ref=ref, text=""))["code"] == "invalid"


async def test_fields_that_nobody_knows_are_ignored(desk: Desk) -> None:
    client = await desk.customer(colour="red", page={"url": None, "shape": 3})
    assert (await client.ok("ping", mood=[1, {"a": None}]))["type"] == "pong"


async def test_a_frame_may_come_in_pieces(desk: Desk) -> None:
    client = await desk.customer()
    await client.socket.send(['{"type":"pi', 'ng","ref":"pieces"}'])
    assert await client.answer("pieces") == {
        "type": "pong",
        "ref": "pieces",
    }
