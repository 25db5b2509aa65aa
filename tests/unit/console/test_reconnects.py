"""Whatever is lost, repeated or cut off on the way: the console ends with what the relay has."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_tui.model.effects import Ask, Deliver, Effects
from helpdesk_tui.model.hearing import hear
from helpdesk_tui.model.objects import message_from, request_from
from helpdesk_tui.model.outbox import Unsent
from helpdesk_tui.model.seat import Seat
from relay.wire import agent, agent_hears, objects
from tests.unit.console.told import AT, CUSTOMER, KIM, ME, message, new_seat, request, welcome

NUMBER = 1
MINE = objects.By("agent", ME.id, ME.name)
KIMS = objects.By("agent", KIM.id, KIM.name)
SMALL_ANSWER = 3


@dataclass
class Relay:
    """One request's log and a line to one console, which may break anywhere.

    ``overtook`` has the texts that were stored over an answer that was there when the console
    joined and that their author had not seen when they wrote.
    """

    log: list[objects.MessageObject] = field(default_factory=list)
    line: list[agent_hears.RelayFrame] = field(default_factory=list)
    watched: bool = False
    joined_at: int = 0
    tags: list[str] = field(default_factory=list)
    overtook: list[str] = field(default_factory=list)

    def state(self) -> objects.AgentRequest:
        last = objects.LastObject(self.log[-1].text, "customer", AT) if self.log else None
        return request(NUMBER, seq=len(self.log), last=last, tags=list(self.tags))

    def say(self, by: objects.By = CUSTOMER) -> None:
        self.log.append(message(len(self.log) + 1, by))
        if self.watched:
            self.line.append(objects.MessagePush(NUMBER, self.log[-1]))
        self.line.append(agent_hears.RequestPush(self.state()))

    def answer(self, effects: Effects) -> None:
        for effect in effects:
            match effect:
                case Ask(agent.Join(ref=ref, after=after)):
                    self.watched, self.joined_at = True, len(self.log)
                    newest = self.log[after or 0 :][-SMALL_ANSWER:]
                    more = bool(newest) and newest[0].seq > (after or 0) + 1
                    self.line.append(agent_hears.Joined(ref, self.state(), newest, more))
                case Ask(agent.HistoryBefore(ref=ref, before=before)):
                    older = self.log[: before - 1][-SMALL_ANSWER:]
                    self.line.append(objects.History(ref, older, older[0].seq > 1))
                case Ask(agent.Tag(ref=ref, add=add)):
                    self.tags += [tag for tag in add if tag not in self.tags]
                    self.line.append(agent_hears.Ok(ref, self.state()))
                case Deliver(unsent):
                    self.store(unsent)
                case _:
                    pass

    def store(self, unsent: Unsent) -> None:
        known = [stored for stored in self.log if stored.ref == unsent.ref]
        if not known:
            unseen = self.log[unsent.seen : self.joined_at]
            if not unsent.note and any(said.by == KIMS for said in unseen):
                self.overtook.append(unsent.text)
            kind, seq = "note" if unsent.note else "text", len(self.log) + 1
            known = [message(seq, MINE, text=unsent.text, ref=unsent.ref, kind=kind)]
            self.log += known
            self.line.append(agent_hears.RequestPush(self.state()))
        self.line.append(objects.Sent(unsent.ref, known[0].seq, known[0].at))


STEPS = st.lists(
    st.one_of(
        st.just("customer writes"),
        st.just("colleague answers"),
        st.just("agent writes"),
        st.just("agent notes"),
        st.just("agent tags"),
        st.just("agent retries"),
        st.just("frame arrives"),
        st.just("frame arrives twice"),
        st.just("connection is lost"),
        st.just("connection breaks"),
    ),
    max_size=40,
)


def run(steps: list[str]) -> tuple[Seat, Relay]:
    seat, relay = new_seat(), Relay()
    relay.answer(hear(seat, welcome(relay.state()), 0.0))
    relay.answer(seat.open_request(NUMBER))
    for place, step in enumerate([*steps, "connection breaks", *["frame arrives"] * 200]):
        match step:
            case "customer writes":
                relay.say()
            case "colleague answers":
                relay.say(KIMS)
            case "agent writes" | "agent notes":
                seat.drafts.note_in(NUMBER, on=step == "agent notes")
                relay.answer(seat.write(f"text {place}"))
            case "agent tags":
                relay.answer(seat.tag(NUMBER, [f"tag-{place}"], []))
            case "agent retries":
                relay.answer(seat.retry())
            case "frame arrives" | "frame arrives twice" if relay.line:
                frame = relay.line.pop(0)
                for _ in step.split()[1:]:
                    relay.answer(hear(seat, frame, 0.0))
            case "connection is lost":
                lose(seat, relay)
            case "connection breaks":
                lose(seat, relay)
                relay.answer(hear(seat, welcome(relay.state()), 0.0))
            case _:
                pass
    return seat, relay


def lose(seat: Seat, relay: Relay) -> None:
    """Lose what was under way; nothing is heard until the next welcome."""
    relay.line.clear()
    relay.watched = False
    seat.disconnected()


def it_ends_with_the_whole_log_each_message_once(seat: Seat, relay: Relay, _: list[str]) -> None:
    assert seat.timeline
    shown = [(said.seq, said.text) for said in seat.timeline.messages]
    first = seat.timeline.first
    assert shown == [(said.seq, said.text) for said in relay.log if said.seq >= first]
    assert bool(shown) == bool(relay.log)


def every_text_and_note_is_stored_once_or_held_for_its_author(
    seat: Seat, relay: Relay, steps: list[str]
) -> None:
    refs = [said.ref for said in relay.log if said.by == MINE]
    written = steps.count("agent writes") + steps.count("agent notes")
    assert len(refs) == len(set(refs)) == written - len(seat.outbox)
    assert all(text.failed and not text.note for text in seat.outbox.texts)


def no_text_goes_out_over_an_answer_that_its_author_had_not_seen(
    seat: Seat, relay: Relay, steps: list[str]
) -> None:
    assert relay.overtook == []
    if "colleague answers" not in steps:
        assert len(seat.outbox) == 0


def no_command_is_carried_out_later_and_none_is_waited_for(
    seat: Seat, relay: Relay, steps: list[str]
) -> None:
    assert len(relay.tags) <= steps.count("agent tags")
    assert seat.asked == {}


def the_request_is_as_the_relay_has_it(seat: Seat, relay: Relay, _: list[str]) -> None:
    assert seat.desk.requests == {NUMBER: request_from(relay.state())}


@settings(max_examples=120)
@given(STEPS)
def test_whatever_comes_in_between_each_claim_above_holds(steps: list[str]) -> None:
    seat, relay = run(steps)
    it_ends_with_the_whole_log_each_message_once(seat, relay, steps)
    every_text_and_note_is_stored_once_or_held_for_its_author(seat, relay, steps)
    no_text_goes_out_over_an_answer_that_its_author_had_not_seen(seat, relay, steps)
    no_command_is_carried_out_later_and_none_is_waited_for(seat, relay, steps)
    the_request_is_as_the_relay_has_it(seat, relay, steps)


def test_a_message_is_the_same_however_it_came() -> None:
    seat = new_seat()
    hear(seat, welcome(request(NUMBER)), 0.0)
    seat.open_request(NUMBER)
    hear(seat, objects.MessagePush(NUMBER, message(1)), 0.0)
    hear(seat, agent_hears.Joined("r1", request(NUMBER, seq=1), [message(1)], more=False), 0.0)
    assert seat.timeline
    assert seat.timeline.messages == [message_from(message(1))]
