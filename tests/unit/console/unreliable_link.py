"""A desk by the real rules, with one busy request, behind a link that may fail at any frame."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import strategies as st

from helpdesk_tui.model.effects import Effects, SaveDraft, SendFrame, SendText
from helpdesk_tui.model.outbox import Unsent
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import CacheLimits, Seat
from relay.desk import commands
from relay.desk.contact import Contact
from relay.desk.events import Author, Message, Millis, Role, Sent
from relay.desk.request import Agent, Customer, HelpRequest, Record, Visit, apply, make_messages
from relay.desk.rules import decide
from relay.errors import Refused
from relay.wire import agent_in, agent_out, objects, present
from tests.unit.console.sample_frames import KIM, ME, new_seat, request, welcome

NUMBER, ELSEWHERE = 1, 2
SAM, KIMS = Author(Role.AGENT, ME.id, ME.name), Author(Role.AGENT, KIM.id, KIM.name)
ADA = Author(Role.CUSTOMER, 17, "Ada")
AGENTS = {label.id: Agent(label.id, label.name, "agent") for label in (ME, KIM)}
SMALL_ANSWER = 3
NOON = Millis(1_790_000_000_000)


@dataclass
class Relay:
    """The desk, and the line to one console.

    ``overtook`` has the texts that were stored over an answer or a claim of a colleague's that was
    there when the console joined and that their author had not seen when they wrote.
    """

    request: HelpRequest = field(default_factory=lambda: HelpRequest(NUMBER, "default", 17))
    log: list[Message] = field(default_factory=list)
    line: list[agent_out.RelayFrame] = field(default_factory=list)
    watched: bool = False
    joined_at: int = 0
    held_at_join: int | None = None
    overtook: list[str] = field(default_factory=list)
    written: int = 0

    def state(self) -> objects.AgentRequest:
        customer = Customer(17, "default", "", Contact(name="Ada"), verified=False)
        record = Record(self.request, customer, Visit())
        return present.request_for_agents(record, AGENTS, "Desk", online=True)

    def welcome(self) -> agent_out.Welcome:
        here = [self.state()] if self.request.is_open else []
        return welcome(*here, request(ELSEWHERE))

    def do(self, command: commands.Command, by: Author, ref: str | None = None) -> list[Message]:
        """Carry *command* out and tell of it; raise Refused if the rules do."""
        events = decide(self.request, command, by)
        messages = list(make_messages(self.request, events, by, NOON, ref))
        for message in messages:
            self.request = apply(self.request, message)
            self.log.append(message)
            if self.watched and not (ref and message.ref == ref):
                self.line.append(objects.MessagePush(NUMBER, shown(message)))
        if messages:
            self.line.append(agent_out.RequestPush(self.state()))
        return messages

    def by_others(self, command: commands.Command, by: Author) -> None:
        with suppress(Refused):
            self.do(command, by)

    def answer(self, effects: Effects) -> None:
        self.written += SaveDraft(NUMBER, at_once=True) in effects
        for effect in effects:
            match effect:
                case SendFrame(frame):
                    self.heard(frame)
                case SendText(unsent):
                    self.store(unsent)
                case _:
                    pass

    def heard(self, frame: agent_in.ClientFrame) -> None:
        match frame:
            case agent_in.Join(ref=ref, request=number) if number == ELSEWHERE:
                self.line.append(agent_out.Joined(ref, request(ELSEWHERE), [], more=False))
            case agent_in.Join(ref=ref, after=after):
                self.watched, self.joined_at = True, len(self.log)
                self.held_at_join = self.request.agent
                newest = [shown(said) for said in self.log[after or 0 :][-SMALL_ANSWER:]]
                more = bool(newest) and newest[0].seq > (after or 0) + 1
                self.line.append(agent_out.Joined(ref, self.state(), newest, more))
            case agent_in.Leave(request=number) if number == NUMBER:
                self.watched = False
            case agent_in.HistoryBefore(ref=ref, before=before):
                older = [shown(said) for said in self.log[: before - 1][-SMALL_ANSWER:]]
                self.line.append(objects.History(ref, older, older[0].seq > 1))
            case agent_in.List(ref=ref, filter=agent_in.Filter(requests=[1])):
                self.line.append(agent_out.Listed(ref, [self.state()], more=False))
            case agent_in.SetStatus() | agent_in.SetRead() | agent_in.Leave():
                pass
            case _:
                self.execute(frame)

    def execute(self, frame: agent_in.ClientFrame) -> None:
        command, ref = command_of(frame), getattr(frame, "ref", "")
        try:
            self.do(command, SAM)
        except Refused as refused:
            self.line.append(present.error_object(refused, ref))
        else:
            self.line.append(agent_out.Ok(ref, self.state()))

    def store(self, unsent: Unsent) -> None:
        known = [stored for stored in self.log if stored.ref == unsent.ref]
        try:
            known = known or self._stored(unsent)
        except Refused as refused:
            self.line.append(present.error_object(refused, unsent.ref))
        else:
            self.line.append(objects.Sent(unsent.ref, known[-1].seq, present.rfc3339(NOON)))

    def _stored(self, unsent: Unsent) -> list[Message]:
        unseen = self.log[unsent.seen : self.joined_at]
        answered = any(said.by == KIMS and isinstance(said.event, Sent) for said in unseen)
        taken = self.request.is_open and self.held_at_join not in {None, SAM.id, unsent.holder}
        if unsent.note:
            return self.do(commands.Note(unsent.text), SAM, unsent.ref)
        stored = self.do(commands.Send(unsent.text), SAM, unsent.ref)
        if answered or taken:
            self.overtook.append(unsent.text)
        return stored


def shown(message: Message) -> objects.MessageObject:
    return present.message_for_agents(message, "Desk", own=message.by == SAM)


def command_of(frame: agent_in.ClientFrame) -> commands.Command:
    match frame:
        case agent_in.Claim():
            return commands.Claim()
        case agent_in.Release():
            return commands.Release()
        case agent_in.Transfer(to=to):
            return commands.Transfer(to, AGENTS[to].name, None)
        case agent_in.Close():
            return commands.Close()
        case agent_in.Reopen():
            return commands.Reopen(other_open=False)
        case agent_in.Tag(add=add, remove=remove):
            return commands.Tag(frozenset(add), frozenset(remove))
        case _:
            raise AssertionError(f"nobody asks for {frame} here")


OTHERS: dict[str, tuple[commands.Command, Author]] = {
    "customer writes": (commands.Send("help"), ADA),
    "customer closes": (commands.Close(), ADA),
    "colleague answers": (commands.Send("answer"), KIMS),
    "colleague notes": (commands.Note("a note"), KIMS),
    "colleague claims": (commands.Claim(), KIMS),
    "colleague releases": (commands.Release(), KIMS),
    "colleague transfers": (commands.Transfer(SAM.id, "Sam", None), KIMS),
    "colleague closes": (commands.Close(), KIMS),
    "colleague reopens": (commands.Reopen(other_open=False), KIMS),
}
OWN: dict[str, Callable[[Seat, int], Effects]] = {
    "agent claims": lambda seat, _: seat.claim(NUMBER),
    "agent releases": lambda seat, _: seat.release(NUMBER),
    "agent transfers": lambda seat, _: seat.transfer(NUMBER, KIM.id, ""),
    "agent closes": lambda seat, _: seat.close(NUMBER),
    "agent reopens": lambda seat, _: seat.reopen(NUMBER),
    "agent tags": lambda seat, place: seat.tag(NUMBER, [f"tag-{place}"], []),
    "agent retries": lambda seat, _: seat.retry(),
    "agent looks elsewhere": lambda seat, _: seat.open_request(ELSEWHERE),
    "agent comes back": lambda seat, _: seat.open_request(NUMBER),
    "agent writes": lambda seat, place: _write(seat, place, note=False),
    "agent notes": lambda seat, place: _write(seat, place, note=True),
}
LINE = ("frame arrives", "frame arrives twice", "connection is lost", "connection breaks")
HARMLESS = {
    "customer writes",
    "colleague notes",
    "agent writes",
    "agent notes",
    "agent tags",
    *LINE,
}
STEPS = st.lists(st.sampled_from([*OTHERS, *OWN, *LINE, *LINE]), max_size=40)


def _write(seat: Seat, place: int, *, note: bool) -> Effects:
    if seat.open != NUMBER:
        return ()
    seat.drafts.set_noting(NUMBER, on=note)
    return seat.write(f"text {place}")


def run(steps: list[str], room: CacheLimits = CacheLimits()) -> tuple[Seat, Relay]:  # noqa: B008 - frozen
    """Let *steps* happen, and then all arrive that is on its way; request 1 is open at the end."""
    seat, relay = new_seat(room), Relay()
    relay.by_others(commands.Open(None, None), ADA)
    relay.answer(reduce(seat, relay.welcome(), 0.0))
    relay.answer(seat.open_request(NUMBER))
    end = ["agent comes back", "connection breaks"]
    for place, step in enumerate([*steps, *end]):
        if step in OTHERS:
            relay.by_others(*OTHERS[step])
        elif step in OWN:
            relay.answer(OWN[step](seat, place))
        elif step.startswith("frame arrives"):
            arrive(seat, relay, len(step.split()) - 1)
        else:
            lose(seat, relay)
            if step == "connection breaks":
                relay.answer(reduce(seat, relay.welcome(), 0.0))
    settle(seat, relay)
    return seat, relay


def settle(seat: Seat, relay: Relay) -> None:
    """Let all arrive that is on its way, and what follows from it."""
    while relay.line:
        arrive(seat, relay, 1)


def arrive(seat: Seat, relay: Relay, times: int) -> None:
    if relay.line:
        frame = relay.line.pop(0)
        for _ in range(1 if isinstance(frame, agent_out.Joined) else times):  # answered once
            relay.answer(reduce(seat, frame, 0.0))


def lose(seat: Seat, relay: Relay) -> None:
    """Lose what was under way; nothing is heard until the next welcome."""
    relay.line.clear()
    relay.watched = False
    seat.disconnected()
