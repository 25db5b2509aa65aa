"""Promises 2 and 3, by generated sequences: retries, reordering, tabs, consoles, reconnects, joins.

A story is told to the desk and to a plain model. Each connection must hear each request's messages
in order and once, its own texts as ``sent`` alone, and after a reconnect exactly the rest.
"""

import shutil
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from relay.wire import agent_in, customer
from relay.wire.validation import Frame as Struct
from tests.integration.desk.model import Answer, Entry, Model, numbered
from tests.integration.desk.simulation import Frame, Line, Room

LONG = settings.get_current_profile_name() == "long"

lines = st.integers(0, 7)
REFS = [f"r{number}" for number in range(1, 9)]
TEXTS = ["Hello", "Help", "😀"]
NUMBERS = [1, 2, 3, 4]
ABOUT: dict[str, Sequence[object]] = {"ref": ["x"], "request": NUMBERS}


def frames(kind: str, **fields: Sequence[object]) -> st.SearchStrategy[Frame]:
    """Draw a frame of *kind* with one value of each field: made in advance, it is one choice."""
    made = [dict(zip(fields, values, strict=True)) for values in product(*fields.values())]
    return st.sampled_from([{"type": kind, **each} for each in made])


of_customers = st.one_of(
    frames("open", ref=REFS, text=[None, *TEXTS]),
    frames("send", ref=REFS, text=TEXTS),
    frames("send", ref=REFS, text=TEXTS, request=NUMBERS),
    frames("close", ref=["c"]),
)
of_agents = st.one_of(
    frames("send", ref=REFS, request=NUMBERS, text=TEXTS),
    frames("note", ref=REFS, request=NUMBERS, text=TEXTS),
    frames("join", **ABOUT),
    frames("join", **ABOUT, after=[0, 1, 2, 3, 5, 100]),
    frames("leave", request=NUMBERS),
    *(frames(kind, **ABOUT) for kind in ("claim", "release", "close", "reopen")),
    frames("transfer", **ABOUT, to=[1, 2], note=[None, *TEXTS]),
    frames("tag", **ABOUT, add=[["vip"]]),
)
Story = list[tuple[int, tuple[Frame, Frame]]]
stories = st.lists(st.tuples(lines, st.tuples(of_customers, of_agents)), min_size=3, max_size=10)


@dataclass(eq=False)
class Client:
    """One connection and what is expected on it. ``seen`` is how far it is in each request."""

    line: Line
    who: Any = None
    told: int = 0
    expected: deque[Answer] = field(default_factory=deque)
    seen: dict[int, int] = field(default_factory=dict)
    said: list[Frame] = field(default_factory=list)


class Day(RuleBasedStateMachine):
    """One day, on a copy of a database with two agents."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.template.parent))
        database = Path(shutil.copy(self.template, self.folder / "desk.db"))
        self.order: list[tuple[Line, Struct]] = []
        self.room = Room(database, self.taken)
        self.model = Model()
        self.clients: dict[Line, Client] = {}
        self.gone: list[Client] = []
        self.come_as_agents(3)
        self.come_as_customers(3)
        self.settle()

    def teardown(self) -> None:
        self.room.store.close()
        shutil.rmtree(self.folder)

    def taken(self, line: Line, said: Struct) -> None:
        """Note what the desk is given; who leaves has no answer, so what is heard is marked."""
        if isinstance(said, agent_in.Leave):
            line.heard.append({"type": "left", "request": said.request})
        self.order.append((line, said))

    def come_as_agents(self, count: int) -> None:
        for number in range(count):
            client = self.come(of_agent=True, who=number % 2 + 1)
            client.line.say("hello", ref="h", token=f"hda_{client.who}", queue=number != 1)

    def come_as_customers(self, count: int) -> None:
        for _ in range(count):
            self.come(of_agent=False).line.say("hello", ref="h")

    def come(self, *, of_agent: bool, who: Any = None) -> Client:
        client = Client(self.room.line(of_agent=of_agent), who)
        self.clients[client.line] = client
        return client

    @rule(
        what=st.sampled_from(["say"] * 6 + ["say_again"] * 2 + ["come_back"] * 3 + ["restart"]),
        story=stories,
        data=st.data(),
    )
    def live(self, what: str, story: Story, data: st.DataObject) -> None:
        """Do one thing, say things before it is over, and perhaps lose a connection meanwhile."""
        if what != "say":
            getattr(self, what)(data)
        present = list(self.clients.values())
        for number, choice in story:
            client = present[number % len(present)]
            self.send(client, self.aimed(choice[client.line.of_agent]))
        if len(present) > 1 and data.draw(st.integers(0, 3)) == 3:
            self.drop(data.draw(st.sampled_from(present)))
        self.settle()
        self.room.pass_time(data.draw(st.sampled_from([0.0, 0.3, 1.0, 7.0])))

    def say_again(self, data: st.DataObject) -> None:
        """Retry what was said before, by the same person, on any of their connections."""
        known = [*self.clients.values(), *self.gone]
        again = [(client.who, frame) for client in known for frame in client.said]
        for who, frame in data.draw(st.lists(st.sampled_from(again), max_size=6)) if again else ():
            own = [client for client in self.clients.values() if client.who == who]
            if own:
                self.send(data.draw(st.sampled_from(own)), frame)

    def come_back(self, data: st.DataObject) -> None:
        """Come back as somebody who was here, from where they were or from anywhere else."""
        before = data.draw(st.sampled_from([*self.clients.values(), *self.gone]))
        if len(self.clients) > 7:
            self.drop(next(iter(self.clients.values())))
        client = self.come(of_agent=before.line.of_agent, who=before.who)
        if before.line.of_agent:
            client.line.say("hello", ref="h", token=f"hda_{client.who}")
            for joined, seq in before.seen.items():
                self.send(client, {"type": "join", "ref": "x", "request": joined, "after": seq})
            return
        number: int | None = data.draw(st.sampled_from([*before.seen, None]))
        after = data.draw(st.sampled_from([before.seen.get(number or 0, 0), 0, 2, 3, 100]))
        epoch = data.draw(st.sampled_from([self.room.store.epoch] * 3 + ["other"]))
        hello = {"request": number, "after": after, "epoch": epoch, "token": before.who}
        client.line.say("hello", ref="h", **hello)

    def restart(self, _: st.DataObject) -> None:
        """End the relay and start it on what is on the disk; everybody has to come back."""
        here = list(self.clients.values())
        for client in here:
            self.drop(client)
        self.settle()
        self.room.store.close()
        self.room.start()
        self.come_as_agents(2)
        for client in here:
            if not client.line.of_agent:
                self.come(of_agent=False, who=client.who).line.say(
                    "hello", ref="h", token=client.who
                )

    def aimed(self, frame: Frame) -> Frame:
        """Return *frame* about a request that there is, or about the next that there is not."""
        if "request" not in frame:
            return frame
        return frame | {"request": frame["request"] % (len(self.model.requests) + 1) + 1}

    def send(self, client: Client, what: Frame) -> None:
        if what.get("text") and what["type"] in {"open", "send", "note"}:
            client.said.append(what)
        fields = {name: value for name, value in what.items() if name != "type"}
        client.line.say(what["type"], **fields)

    def drop(self, client: Client) -> None:
        if self.clients.pop(client.line, None) is not None:
            client.line.drop()
            self.gone.append(client)

    def settle(self) -> None:
        """Let the desk do it all, let the model do the same, and compare."""
        self.room.store.settle()
        known = {client.line: client for client in [*self.clients.values(), *self.gone]}
        for line, said in self.order:
            self.expect(known[line], said)
        self.order.clear()
        for client in known.values():
            self.listen(client)

    def expect(self, client: Client, said: Struct) -> None:
        """Let the model do what was said, in the order in which the desk was given it."""
        if isinstance(said, agent_in.Hello):
            client.expected.append(Answer("welcome"))
            return
        if not isinstance(said, customer.Hello):
            answer = self.model.handle(client.who, said)
            client.expected.extend([] if answer is None else [answer])
            return
        welcome = next((it for it in client.line.heard if it["type"] == "welcome"), None)
        client.who = said.token if welcome is None else welcome["token"]
        same = said.epoch == self.room.store.epoch
        client.expected.append(self.model.welcome(client.who, said, same_epoch=same))

    def listen(self, client: Client) -> None:
        """Follow what *client* has heard since the last time, frame by frame."""
        news, client.told = client.line.heard[client.told :], len(client.line.heard)
        for heard in news:
            match heard:
                case {"type": "left", "request": number}:
                    client.seen.pop(number, None)
                case {"type": "message", "request": number, "message": message}:
                    self.next_is(client, number, message)
                case {"ref": _}:
                    self.answered(client, client.expected.popleft(), heard)

    def next_is(self, client: Client, number: int, message: Frame) -> None:
        """A push is the next message of its request, as the model has it."""
        of_agent = client.line.of_agent
        assert not of_agent or number in client.seen, "not joined"
        seq = client.seen.get(number, 0) + 1
        assert message["seq"] == seq
        self.same(client, message, self.model.requests[number].side(of_agent=of_agent)[seq - 1])
        client.seen[number] = seq

    def answered(self, client: Client, want: Answer, got: Frame) -> None:
        """An answer is what the model says; what it shows is known from there on."""
        assert (got["type"], got.get("code")) == (want.kind, want.code), (want, got)
        number = want.request.number if want.request else 0
        match want.kind:
            case "sent":
                assert got["seq"] == want.seq
                if want.stored and (number in client.seen or not client.line.of_agent):
                    assert got["seq"] == client.seen.get(number, 0) + 1
                    client.seen[number] = want.seq
            case "welcome" if not client.line.of_agent:
                assert (got["request"] or {"id": 0})["id"] == number
                assert got["reset"] == want.reset
                client.seen.update(want.others)
                self.shown(client, want, got)
            case "joined" | "opened":
                self.shown(client, want, got)
            case "closed" | "ok":
                assert got["request"]["id"] == number

    def shown(self, client: Client, want: Answer, got: Frame) -> None:
        """The messages of an answer are those that the model says, and none has been heard out of
        order because of it."""
        assert [message["seq"] for message in got["messages"]] == [n for n, _ in numbered(want)]
        for message, (_, entry) in zip(got["messages"], numbered(want), strict=True):
            self.same(client, message, entry)
        if want.request is not None:
            client.seen[want.request.number] = want.length

    def same(self, client: Client, message: Frame, entry: Entry) -> None:
        said = message.get("activity") or message["text"]
        own = client.who is not None and entry.by == client.who and entry.ref
        assert (message["kind"], said, message["by"]["role"]) == (
            entry.kind,
            entry.said,
            entry.role,
        )
        assert message.get("ref") == (own or None)

    @invariant()
    def everybody_has_heard_everything(self) -> None:
        for client in self.clients.values():
            assert not client.expected, "a frame was never answered"
            for number, seq in client.seen.items():
                side = self.model.requests[number].side(of_agent=client.line.of_agent)
                assert seq == len(side), (number, seq)


def test_no_story_breaks_the_promises_of_order_and_of_retries(staffed: Path) -> None:
    Day.template = staffed
    bounds = settings(
        max_examples=200 if LONG else 40,
        stateful_step_count=40 if LONG else 20,
        phases=tuple(Phase) if LONG else (Phase.generate,),
        derandomize=not LONG,
        database=None,
    )
    run_state_machine_as_test(Day, settings=bounds)
