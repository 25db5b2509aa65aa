"""Keys that come in one read are done in the order in which they were pressed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from relay.wire import agent_in
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.saved_texts import kept
from tests.integration.console.terminal import Terminal, terminal

BACKSPACE, LEFT, RIGHT, HOME, END = "\x7f", "\x1b[D", "\x1b[C", "\x1b[H", "\x1b[F"
BREAK, ENTER, FIND, QUIT, NOTE = "\n", "\r", "\x0b", "\x11", "\x1bn"
SHIFT = "\x1b[57441;2u"
REQUESTS = (1, 2, 12)
BURSTS = 12
"""Reads of the property test, each of some keys; the whole takes a few seconds."""


def sent(relay: FakeRelay) -> list[tuple[int, str]]:
    """Return what was sent, with its request, in order."""
    return [
        (one.request, one.text)
        for one in relay.heard
        if isinstance(one, agent_in.Send | agent_in.Note)
    ]


async def at_desk(relay: FakeRelay, desk: Terminal) -> None:
    for number in REQUESTS:
        await desk.sees(f"#{number} ")
    desk.type(f"{FIND}1{ENTER}")
    await desk.sees("Write an answer")


async def test_what_is_typed_and_done_in_one_read_keeps_its_order(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in REQUESTS:
        relay.open(number, "Hello")
    expected: list[tuple[int, str]] = []
    async with terminal(relay.url, tmp_path) as desk:
        await at_desk(relay, desk)
        for keys, number, text in (
            (f"the price is 100{BACKSPACE * 2}50 euro{ENTER}", 1, "the price is 150 euro"),
            (f"ab{LEFT}c{ENTER}", 1, "acb"),
            (f"one{LEFT}{ENTER}", 1, "one"),
            (f"2^{ENTER}", 1, "2^"),
            (f"kitty{SHIFT}{ENTER}", 1, "kitty"),
            (f"ok?{ENTER}", 1, "ok?"),
            (f"/refund{ENTER}{ENTER}", 1, "/refund"),
            (f"{FIND}12{ENTER}to twelve{ENTER}", 12, "to twelve"),
            (f"{FIND}2{ENTER}half{FIND}1{ENTER}whole{ENTER}", 1, "whole"),
            (f"\x1ben{FIND}12{ENTER}still{ENTER}", 12, "still"),
        ):
            desk.type(keys)
            expected.append((number, text))
            await relay.until(lambda: len(sent(relay)) >= len(expected))
            assert sent(relay) == expected
        desk.type(f"the last words{QUIT}")
        assert await desk.end() == 0
    assert sorted(kept(tmp_path)) == ['{"draft":"half"}', '{"draft":"the last words"}']


@dataclass
class Model:
    """What keys do: the field of each request, and what was sent."""

    number: int = 1
    noting: set[int] = field(default_factory=set)
    fields: dict[tuple[int, bool], str] = field(default_factory=dict)
    at: int = 0
    sent: list[tuple[int, str]] = field(default_factory=list)

    @property
    def place(self) -> tuple[int, bool]:
        return self.number, self.number in self.noting

    def press(self, key: str) -> None:
        text = self.fields.get(self.place, "")
        before, after = text[: self.at], text[self.at :]
        if key.startswith(FIND):
            self.number = int(key[1:-1])
            self.at = len(self.fields.get(self.place, ""))
        elif key == ENTER:
            if text.strip():
                self.sent.append((self.number, text))
                self.fields[self.place], self.at = "", 0
        elif key == NOTE:
            self.noting ^= {self.number}
            self.at = len(self.fields.get(self.place, ""))
        elif key == BACKSPACE:
            self.fields[self.place], self.at = before[:-1] + after, max(0, self.at - 1)
        elif key in {LEFT, RIGHT}:
            self.at = max(0, min(len(text), self.at + (1 if key == RIGHT else -1)))
        elif key == HOME:
            self.at = before.rfind("\n") + 1
        elif key == END:
            self.at += len(after.partition("\n")[0])
        elif key != SHIFT:
            self.fields[self.place], self.at = before + key + after, self.at + len(key)


def pieces(data: bytes, random: Random) -> Iterator[bytes]:
    """Yield *data* in writes that are cut anywhere."""
    cuts = sorted(random.sample(range(len(data)), min(3, len(data) - 1)))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        yield data[start:end]


async def test_any_keys_in_any_pieces_do_what_a_model_of_them_says(
    relay: FakeRelay, tmp_path: Path
) -> None:
    random = Random(16)
    for number in REQUESTS:
        relay.open(number, "Hello")
    model = Model()
    others = (BACKSPACE, LEFT, RIGHT, HOME, END, BREAK, NOTE, SHIFT, "é", "田", "^")
    async with terminal(relay.url, tmp_path) as desk:
        await at_desk(relay, desk)
        for _ in range(BURSTS):
            keys = [
                random.choice(others) if random.random() < 0.4 else random.choice("abc")
                for _ in range(random.randrange(4, 20))
            ]
            keys.append(random.choice([ENTER, f"{FIND}{random.choice(REQUESTS)}{ENTER}"]))
            for key in keys:
                model.press(key)
            for piece in pieces("".join(keys).encode(), random):
                desk.child.send(piece)
            await relay.until(lambda: len(sent(relay)) == len(model.sent))
        desk.type(f"{FIND}1{ENTER}\x1b[F{QUIT}")
        assert await desk.end() == 0
    for number in REQUESTS:  # of each request, as a request is joined before it is written to
        written = [text.strip() for to, text in model.sent if to == number]
        assert [text for to, text in sent(relay) if to == number] == written
