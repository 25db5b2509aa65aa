"""Whatever is lost, repeated or cut off on the way: the console ends with what the relay has."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_tui.model.effects import Ask, Effects
from helpdesk_tui.model.hearing import hear
from helpdesk_tui.model.objects import message_from, request_from
from helpdesk_tui.model.seat import Seat
from relay.wire import agent, agent_hears, objects
from tests.unit.console.told import AT, ME, message, new_seat, request, welcome

NUMBER = 1
SMALL_ANSWER = 3


@dataclass
class Relay:
    """One request's log and a line to one console, which may break anywhere."""

    log: list[objects.MessageObject] = field(default_factory=list)
    line: list[agent_hears.RelayFrame] = field(default_factory=list)
    watched: bool = False

    def state(self) -> objects.AgentRequest:
        last = objects.LastObject(self.log[-1].text, "customer", AT) if self.log else None
        return request(NUMBER, seq=len(self.log), last=last)

    def say(self) -> None:
        self.log.append(message(len(self.log) + 1))
        if self.watched:
            self.line.append(objects.MessagePush(NUMBER, self.log[-1]))
        self.line.append(agent_hears.RequestPush(self.state()))

    def answer(self, effects: Effects) -> None:
        for effect in effects:
            match effect:
                case Ask(agent.Join(ref=ref, after=after)):
                    self.watched = True
                    newest = self.log[after or 0 :][-SMALL_ANSWER:]
                    more = bool(newest) and newest[0].seq > (after or 0) + 1
                    self.line.append(agent_hears.Joined(ref, self.state(), newest, more))
                case Ask(agent.HistoryBefore(ref=ref, before=before)):
                    older = self.log[: before - 1][-SMALL_ANSWER:]
                    self.line.append(objects.History(ref, older, older[0].seq > 1))
                case Ask(agent.Send(ref=ref, text=text)):
                    self.store(ref, text)
                case _:
                    pass

    def store(self, ref: str, text: str) -> None:
        known = [stored for stored in self.log if stored.ref == ref]
        if not known:
            by = objects.By("agent", ME.id, ME.name)
            known = [message(len(self.log) + 1, by, text=text, ref=ref)]
            self.log += known
        self.line.append(objects.Sent(ref, known[0].seq, known[0].at))


STEPS = st.lists(
    st.one_of(
        st.just("customer writes"),
        st.just("agent writes"),
        st.just("frame arrives"),
        st.just("frame arrives twice"),
        st.just("connection breaks"),
    ),
    max_size=40,
)


def run(steps: list[str]) -> tuple[Seat, Relay]:
    seat, relay = new_seat(), Relay()
    relay.answer(hear(seat, welcome(relay.state()), 0.0))
    relay.answer(seat.open_request(NUMBER))
    for step in [*steps, "connection breaks", *["frame arrives"] * 200]:
        match step:
            case "customer writes":
                relay.say()
            case "agent writes":
                seat.write(f"text {len(relay.log)}")
                deliver(seat, relay)
            case "frame arrives" | "frame arrives twice" if relay.line:
                frame = relay.line.pop(0)
                for _ in step.split()[2:] or [""]:
                    relay.answer(hear(seat, frame, 0.0))
                relay.answer(hear(seat, frame, 0.0))
            case "connection breaks":
                relay.line.clear()
                relay.watched = False
                seat.disconnected()
                relay.answer(hear(seat, welcome(relay.state()), 0.0))
                deliver(seat, relay)
            case _:
                pass
    return seat, relay


def deliver(seat: Seat, relay: Relay) -> None:
    """Do the link's part: send what is not acknowledged, with the ref it always had."""
    for text in seat.outbox.of(NUMBER):
        relay.answer((Ask(agent.Send(text.ref, text.request, text.text)),))


@settings(max_examples=60)
@given(STEPS)
def test_it_ends_with_the_whole_log_each_message_once(steps: list[str]) -> None:
    seat, relay = run(steps)
    assert seat.timeline
    shown = [(said.seq, said.text) for said in seat.timeline.messages]
    first = seat.timeline.first
    assert shown == [(said.seq, said.text) for said in relay.log if said.seq >= first]
    assert bool(shown) == bool(relay.log)


@settings(max_examples=60)
@given(STEPS)
def test_every_text_is_stored_once_and_leaves_the_outbox(steps: list[str]) -> None:
    seat, relay = run(steps)
    refs = [said.ref for said in relay.log if said.by.role == "agent"]
    assert len(refs) == len(set(refs)) == steps.count("agent writes")
    assert len(seat.outbox) == 0


@settings(max_examples=60)
@given(STEPS)
def test_the_request_is_as_the_relay_has_it(steps: list[str]) -> None:
    seat, relay = run(steps)
    assert seat.desk.requests == {NUMBER: request_from(relay.state())}


def test_a_message_is_the_same_however_it_came() -> None:
    seat = new_seat()
    hear(seat, welcome(request(NUMBER)), 0.0)
    seat.open_request(NUMBER)
    hear(seat, objects.MessagePush(NUMBER, message(1)), 0.0)
    hear(seat, agent_hears.Joined("r1", request(NUMBER, seq=1), [message(1)], more=False), 0.0)
    assert seat.timeline
    assert seat.timeline.messages == [message_from(message(1))]
