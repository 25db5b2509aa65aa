"""Data that customers never receive: notes, tags, ids, and the texts of other customers.

Everything that somebody writes bears a mark of whose it is, and every number lies in a range of its
own, so that the bytes of a connection can be searched for what must not be in them.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from relay.store.sqlite.database import open_database
from tests.integration.desk.simulation import Frame, Line, Room, hire

LONG = settings.get_current_profile_name() == "long"
few = settings(
    max_examples=1_000 if LONG else 50,
    phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
    derandomize=not LONG,
    database=None,
)

PEOPLE = ("ada", "bob", "cyd")
AGENT_IDS, REQUEST_IDS, CUSTOMER_IDS = 7_700_000, 8_800_000, 9_900_000
SECRETS = (b"note~", b"tag-secret", b"770000", b"990000")
"""Marks of notes and tags, and how the ids of agents and customers begin."""

OF_CUSTOMERS = (
    "open",
    "send",
    "send",
    "history",
    "typing",
    "read",
    "page",
    "close",
    "rate",
    "come",
)
OF_AGENTS = (
    *("join", "leave", "claim", "release", "transfer", "send", "send", "note", "note", "note"),
    *("typing", "read", "close", "reopen", "tag", "tag", "history"),
)
steps = st.tuples(
    st.integers(0, 5),
    st.sampled_from(OF_CUSTOMERS),
    st.sampled_from(OF_AGENTS),
    st.integers(1, 6),
    st.booleans(),
)
Step = tuple[int, str, str, int, bool]


class Story:
    """Three customers and two agents, who do what they are told to."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.words = 0
        self.customers: list[tuple[str, Line]] = []
        self.tokens: dict[str, str] = {}
        self.owners: dict[int, str] = {}
        self.agents = [room.line(of_agent=True) for _ in range(2)]
        for number, line in enumerate(self.agents, 1):
            line.say("hello", ref="h", token=f"hda_{number}")
        for who in PEOPLE:
            self.come(who)
            self.room.store.settle()
            self.customers[-1][1].say("open", ref=self.new(who), name=f"{who}~", text=f"{who}~")

    def new(self, who: str) -> str:
        self.words += 1
        return f"{who}~{self.words}"

    def come(self, who: str) -> None:
        line = self.room.line()
        self.customers.append((who, line))
        page = {"url": f"https://shop.example/{who}~", "title": f"{who}~"}
        line.say("hello", ref="h", token=self.tokens.get(who), page=page, request=REQUEST_IDS + 1)

    def tell(self, step: Step) -> None:
        number, of_customer, of_agent, request, by_customer = step
        if by_customer:
            who, line = self.customers[number % len(self.customers)]
            self.customer_does(who, line, of_customer, REQUEST_IDS + request)
        else:
            self.agent_does(self.agents[number % 2], of_agent, REQUEST_IDS + request)

    def customer_does(self, who: str, line: Line, what: str, request: int) -> None:
        mark = self.new(who)
        fields: dict[str, Callable[[], dict[str, Any]]] = {
            "open": lambda: {"name": mark, "email": f"{who}~@example.org", "text": mark},
            "send": lambda: {"text": mark} | ({} if request % 2 else {"request": request}),
            "history": lambda: {"before": 9, "request": request},
            "typing": lambda: {"on": True},
            "read": lambda: {"seq": request % 10},
            "page": lambda: {"page": {"url": f"https://shop.example/{mark}"}},
            "close": dict,
            "rate": lambda: {"score": 3, "comment": mark},
        }
        if what == "come":
            self.come(who)
        else:
            line.say(what, ref=mark, **fields[what]())

    def agent_does(self, line: Line, what: str, request: int) -> None:
        mark = self.new("note")
        fields: dict[str, dict[str, Any]] = {
            "send": {"text": f"for {self.owners.get(request, 'note')}~"},
            "note": {"text": mark},
            "transfer": {"to": AGENT_IDS + 2, "note": mark},
            "typing": {"on": True},
            "read": {"seq": request % 10},
            "tag": {"add": ["tag-secret"]} if self.words % 2 else {"remove": ["tag-secret"]},
            "history": {"before": 9},
        }
        line.say(what, ref=mark, request=request, **fields.get(what, {}))

    def settle(self) -> None:
        self.room.store.settle()
        for who, line in self.customers:
            for frame in line.heard:
                if frame["type"] == "welcome":
                    self.tokens[who] = frame["token"]
                if isinstance(shown := frame.get("request"), dict):
                    self.owners[shown["id"]] = who


def learns_nothing(story: Story, who: str, line: Line) -> None:
    """Search every byte that a customer's connection was sent."""
    heard = b"\n".join(line.raw)
    others = [other for other in PEOPLE if other != who]
    foreign = [number for number, owner in story.owners.items() if owner != who]
    for secret in (
        *SECRETS,
        *(f"{other}~".encode() for other in others),
        *(story.tokens[other].encode() for other in others),
        *(str(number).encode() for number in foreign),
    ):
        assert secret not in heard


def numbers_are_whole(line: Line) -> None:
    """Each request's messages are numbered without a hole, and no mark lies beyond them."""
    last: dict[int, int] = {}
    own: set[int] = set()
    for frame in line.heard:
        request = frame.get("request")
        if isinstance(request, dict):
            assert max(request["read"].values()) <= request["seq"]
        shown = [message["seq"] for message in frame.get("messages", ())]
        assert shown == list(range(shown[0], shown[0] + len(shown))) if shown else True
        match frame:
            case {"type": "welcome" | "opened", "request": {"id": number, "seq": seq}}:
                last[number] = max(seq, *shown) if shown else seq
            case {"type": "message", "request": int(number), "message": {"seq": seq}}:
                assert own.issuperset(range(last.get(number, seq - 1) + 1, seq))
                assert seq > last.get(number, 0)
                last[number] = seq
            case {"type": "sent", "seq": seq}:
                own.add(seq)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose numbers begin high, with two agents."""
    path = tmp_path_factory.mktemp("marked") / "desk.db"
    opened = open_database(path)
    opened.close()
    begins = {"agent": AGENT_IDS, "help_request": REQUEST_IDS, "customer": CUSTOMER_IDS}
    with closing(sqlite3.connect(path)) as file:
        file.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", begins.items())
        file.commit()
    hire(path, ("Sam", "Kim"))
    return path


@given(told=st.lists(st.lists(steps, min_size=1, max_size=6), min_size=1, max_size=12))
@few
def test_no_byte_betrays_a_secret(marked: Path, told: list[list[Step]]) -> None:
    with tempfile.TemporaryDirectory(dir=marked.parent) as folder:
        room = Room(Path(shutil.copy(marked, folder)), lambda *_: None)
        try:
            story = Story(room)
            story.settle()
            for steps_at_once in told:
                for step in steps_at_once:
                    story.tell(step)
                story.settle()
                room.pass_time(0.5)
            for who, line in story.customers:
                learns_nothing(story, who, line)
                numbers_are_whole(line)
            for _, line in story.customers:
                notes_and_tags_are_silent(story, line)
        finally:
            room.store.close()


def notes_and_tags_are_silent(story: Story, line: Line) -> None:
    """A note, a tag or reading a note makes no frame: that there is one would tell of it."""
    sam = story.agents[0]
    for number in story.owners:
        sam.say("read", request=number, seq=1_000)
    story.settle()
    story.room.pass_time(10)
    story.settle()
    before = list(line.raw)
    for number in story.owners:
        for what in ("note", "tag"):
            story.agent_does(sam, what, number)
        sam.say("read", request=number, seq=1_000)
    story.settle()
    story.room.pass_time(10)
    story.settle()
    assert line.raw == before


def test_the_search_would_find_what_agents_hear(marked: Path) -> None:
    """The marks and the ranges are where they should be: an agent's bytes are full of them."""
    with tempfile.TemporaryDirectory(dir=marked.parent) as folder:
        room = Room(Path(shutil.copy(marked, folder)), lambda *_: None)
        try:
            story = Story(room)
            story.settle()
            for number in story.owners:
                for what in ("join", "note", "tag", "tag", "send", "claim"):
                    story.agent_does(story.agents[0], what, number)
            story.settle()
        finally:
            room.store.close()
    heard: list[Frame] = story.agents[0].heard
    everything = b"\n".join(story.agents[0].raw)
    missing = [
        secret
        for secret in (b"note~", b"tag-secret", b"770000", b"990000", b"880000")
        if secret not in everything
    ]
    assert (missing, len(story.owners), heard[0]["type"]) == ([], 3, "welcome")
    assert all(f"{who}~".encode() in everything for who in PEOPLE)
