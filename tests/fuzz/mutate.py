"""Mutates one field of a valid frame. The randomness is an argument.

A fuzzer that mutates bytes has no coverage inside the JSON parser, which is in C; this one changes
fields.
"""

import json
from random import Random
from typing import Any

from tests.fuzz import seeds

FRAMES = tuple(seeds.golden())
NAMES = tuple(sorted({name for frame in FRAMES for name in json.loads(frame)}))
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 1.5, 42, 2**53, 2**53 + 1, 2**64, -(2**63), 1e308),
    *("", "1", "r", "\n", "\x00", "\u202e", "\ud800", "�", "x" * 65, "é" * 101, "😀" * 50),
    *("hello", "ping", " - at `$.type`", "https://[::1", "online", "admin", "2026-11-22T10:35Z"),
    *(
        [],
        [None],
        [[]],
        [1],
        ["a", "A"],
        {},
        {"url": 1},
        {"": {}},
        {"status": "x", "requests": [0]},
    ),
)


def line(data: bytes, chance: Random) -> bytes:
    """Return the frame *data*, or another one, with one thing changed."""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict) or not chance.randrange(8):
        frame = json.loads(chance.choice(FRAMES))
    inner = [value for value in frame.values() if isinstance(value, dict)]
    chosen = chance.choice([frame, *inner])
    name = chance.choice([*chosen, *chosen, chance.choice(NAMES)])
    match chance.randrange(6):
        case 0:
            chosen.pop(name, None)
        case 1:
            chosen[name] = json.loads("[" * 40 + "]" * 40)
        case 2:
            return _twice(frame, name, chance.choice(VALUES))
        case _:
            chosen[name] = chance.choice(VALUES)
    return _written(frame)


def conversation(data: bytes, chance: Random) -> bytes:
    """Return *data*, a session's input, with one line changed, added, doubled or moved."""
    first, lines = data[:1] or b"\x00", data[1:].split(b"\n")
    place = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            lines.insert(place, chance.choice(FRAMES))
        case 1:
            lines.insert(chance.randrange(len(lines) + 1), lines[place])
        case 2:
            lines.append(lines.pop(place))
        case _:
            lines[place] = line(lines[place], chance)
    return first + b"\n".join(lines)


def _twice(frame: dict[str, Any], name: str, value: Any) -> bytes:
    """Return *frame* with a second field of the same *name*."""
    more = _written({name: value})[1:]
    return _written(frame)[:-1] + (b"," if frame else b"") + more


def _written(frame: dict[str, Any]) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode()
