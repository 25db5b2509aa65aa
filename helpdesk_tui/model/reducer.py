"""The reducer: applies a frame of the relay to the model and returns effects. Pure."""

from msgspec import UNSET, structs

from helpdesk_tui.model.commands import refusal_text, text_refusal
from helpdesk_tui.model.desk_state import DeskState
from helpdesk_tui.model.effects import Effects, LoadDrafts, SaveDraft, ShowNotice, ShowRequest
from helpdesk_tui.model.objects import (
    Message,
    agent_from,
    colleague_from,
    hit_from,
    message_from,
    request_from,
    response_from,
)
from helpdesk_tui.model.outbox import is_passing
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.stats import stats_from
from relay.wire import agent_in, agent_out, objects

RETRY_AFTER = 1.0
"""Seconds until a refused call is retried, if the relay has not said how long to wait."""

DeskFrame = (
    agent_out.Watching | agent_out.AgentPush | agent_out.CannedPush | objects.Typing | objects.Read
)
"""Frames that only change the desk's state."""
IgnoredFrame = objects.Pong | agent_out.CommandAnswer
"""Frames that nothing here is shown of."""


def reduce(seat: Seat, frame: agent_out.RelayFrame, now: float) -> Effects:
    """Apply *frame*, received at *now*, to the model of *seat*; return the effects."""
    match frame:
        case agent_out.Welcome():
            return _welcomed(seat, frame)
        case agent_out.Joined():
            return _joined(seat, frame)
        case objects.History():
            return _history(seat, frame)
        case objects.MessagePush():
            return _messages(seat, frame.request, [frame.message])
        case objects.Sent():
            return _sent(seat, frame)
        case objects.Error():
            return _refused(seat, frame)
        case agent_out.Listed():
            return _listed(seat, frame)
        case objects.Gone():
            return _deleted(seat, frame.request)
        case agent_out.Stats() | agent_out.Found():
            _found(seat, frame)
        case agent_out.Ok():
            return _answered(seat, frame)
        case agent_out.RequestPush():
            return _pushed(seat, frame.request)
        case _:
            _desk_changed(seat.desk, frame, now)
    return ()


def _desk_changed(desk: DeskState, frame: DeskFrame | IgnoredFrame, now: float) -> None:
    match frame:
        case agent_out.Watching():
            desk.set_watchers(frame.request, map(agent_from, frame.agents))
        case objects.Typing():
            desk.typing(frame.request, frame.by, on=frame.on, now=now)
        case objects.Read():
            desk.read(frame.request, frame.by, frame.seq)
        case agent_out.AgentPush():
            desk.agents[frame.agent.id] = colleague_from(frame.agent)
        case agent_out.CannedPush():
            desk.canned = tuple(map(response_from, frame.canned))
        case _:
            _ignore(frame)


def _ignore(_frame: IgnoredFrame) -> None:
    """Do nothing; the argument's type says that no other frame ends here."""


def _welcomed(seat: Seat, frame: agent_out.Welcome) -> Effects:
    before = seat.desk.epoch
    open_before = {request.id for request in seat.desk.requests.values() if not request.closed}
    begins, newer_before = not seat.desk.welcomed, seat.newer_relay
    seat.desk.welcome(frame, seat.written)
    effects = seat.connected(frame.ref)
    if seat.newer_relay != newer_before:
        effects += _update_notice(seat)
    if begins and not frame.more:  # or years of closed requests would be read at each start
        ended = seat.drafts.forget_empty({*seat.desk.requests, seat.open or 0})
        effects += tuple(map(SaveDraft, sorted(ended)))
    if before != frame.epoch and seat.desk.me:
        effects += (LoadDrafts(seat.desk.me.id, frame.epoch),)
    if before in {None, frame.epoch}:
        effects += _drafts_left(seat, open_before) + seat.fetch_unknown() + seat.join()
        effects += seat.join_unsent()
    else:  # a number may be another request's: the open one is not joined again
        effects += (ShowRequest(None),)
    if frame.more:
        effects += seat.list_requests(agent_in.Filter(status="waiting"))
        effects += seat.list_requests(agent_in.Filter(status="active"))
    if seat.away:  # the relay takes who comes for online
        effects += seat.set_status("away")
    return effects


def _update_notice(seat: Seat) -> Effects:
    """Return the notice that this console is older than the relay, if it is."""
    if not seat.newer_relay:
        return ()
    said = (
        f"The relay is version {seat.newer_relay}, this console {seat.version}; update the console."
    )
    return (ShowNotice(said),)


def _answered(seat: Seat, frame: agent_out.Ok) -> Effects:
    match seat.pending.pop(frame.ref, None):
        case agent_in.SetStatus(status=status):
            seat.away = status == "away"
        case _:
            pass
    return () if frame.request is UNSET else _request_changed(seat, frame.request)


def _request_changed(seat: Seat, told: objects.AgentRequest) -> Effects:
    known = seat.desk.requests.get(told.id)
    seat.desk.update(told, keep=told.id in seat.written)
    return _drafts_left(seat, {told.id}) if known and not known.closed else ()


def _pushed(seat: Seat, told: objects.AgentRequest) -> Effects:
    """Apply a change that any agent may have made; notify this one if it gave them the request."""
    before, effects = seat.desk.requests.get(told.id), _request_changed(seat, told)
    now, me = seat.desk.requests.get(told.id), seat.desk.me
    if not (before and now and me and now.holder and now.holder.id == me.id):
        return effects
    number, giver, who = told.id, before.holder, now.customer.name
    if giver and giver.id != me.id:  # who held it before it was closed has given nothing
        said = f"{giver.name} has transferred #{number} ({who}) to you."
        return effects if before.closed else (*effects, ShowNotice(said))
    asked = any(getattr(command, "request", 0) == number for command in seat.pending.values())
    if giver is None and number != seat.open and not asked and not seat.outbox.of(number):
        return (*effects, ShowNotice(f"#{number} ({who}) is yours now."))
    return effects


def _drafts_left(seat: Seat, open_before: set[int]) -> Effects:
    """Return notices of drafts whose request, one of *open_before*, is closed now."""
    requests = seat.desk.requests
    left = [n for n in sorted(open_before & seat.drafts.numbers()) if n in requests]
    said = "was closed; your draft for it stays in the list."
    return tuple(ShowNotice(f"#{number} {said}") for number in left if requests[number].closed)


def _joined(seat: Seat, frame: agent_out.Joined) -> Effects:
    asked, number = seat.pending.pop(frame.ref, None), frame.request.id
    seat.desk.add(number, ())
    told = _request_changed(seat, frame.request)
    if asked and seat.is_joining(number):
        pass  # it was left meanwhile: what was said since then comes with the next answer
    elif number == seat.open:
        seat.joined = True
        seat.desk.add(number, seat.early_sent)
        seat.early_sent.clear()
    else:
        told += seat.joined_elsewhere(number)
    return told + _messages(seat, number, frame.messages) + seat.seek_first_unread()


def _history(seat: Seat, frame: objects.History) -> Effects:
    asked = seat.pending.pop(frame.ref, None)
    if not isinstance(asked, agent_in.HistoryBefore):
        return ()
    if seat.ends_unread_count(asked):
        seat.desk.count_exactly(asked.request, map(message_from, frame.messages))
        return ()
    return _messages(seat, asked.request, frame.messages) + seat.seek_first_unread()


def _messages(seat: Seat, number: int, told: list[objects.MessageObject]) -> Effects:
    messages = [message_from(message) for message in told]
    seat.desk.add(number, messages)
    stored = [seat.outbox.remove(message.ref) for message in messages if message.ref]
    kept: Effects = (SaveDraft(number),) if any(stored) else ()
    return kept + _missing(seat) + seat.send_due(number)


def _missing(seat: Seat) -> Effects:
    gap = seat.timeline.gap if seat.timeline else None
    return seat.history(gap) if gap else ()


def _sent(seat: Seat, frame: objects.Sent) -> Effects:
    unsent, me = seat.outbox.remove(frame.ref), seat.desk.me
    if unsent is None:
        return ()
    if unsent.request == seat.open and me:
        by = objects.By("agent", me.id, me.name)
        kind = "note" if unsent.note else "text"
        told = objects.MessageObject(frame.seq, kind, by, unsent.text, frame.at)
        _stored(seat, unsent.request, message_from(told))
    return (SaveDraft(unsent.request), *_missing(seat))


def _stored(seat: Seat, number: int, message: Message) -> None:
    """Add a stored text; before `joined` it is kept apart, or it would look like all there is."""
    if seat.joined:
        seat.desk.add(number, (message,))
    else:
        seat.early_sent.append(message)


def _refused(seat: Seat, error: objects.Error) -> Effects:
    ref = error.ref or ""
    if is_passing(error) and seat.outbox.delay(ref):
        return ()
    if unsent := seat.outbox.find(ref):
        reason = text_refusal(unsent, error)
        return seat.fail(unsent, reason)
    match seat.pending.pop(ref, None):
        case agent_in.HistoryBefore() as asked if seat.ends_unread_count(asked):
            return ()  # what comes next in that request is looked at again
        case agent_in.Join() | agent_in.HistoryBefore() | agent_in.List() as asked if is_passing(
            error
        ):
            number = 0 if isinstance(asked, agent_in.List) else asked.request
            full = error.code == "unavailable"  # nobody knows how long a text would wait
            held = seat.fail_all(number, lambda text: text_refusal(text, error)) if full else ()
            return held + _call_again(seat, asked, error.retry_after or RETRY_AFTER)
        case agent_in.Join(request=number) | agent_in.HistoryBefore(request=number):
            held = seat.fail_all(number, lambda text: text_refusal(text, error))
            return held + (_deleted(seat, number) if error.code == "not_found" else ())
        case agent_in.List() | agent_in.Stats() | agent_in.Search() | None:
            return ()
        case command:
            told = ShowNotice(refusal_text(command, error, seat.desk))
            if isinstance(command, agent_in.Transfer):
                return (told, *seat.keep_note(command.request, command.note or ""))
            return (told,)


def _call_again(
    seat: Seat, asked: agent_in.Join | agent_in.HistoryBefore | agent_in.List, after: float
) -> Effects:
    """Retry a call that the relay refused for now, if its answer is still needed."""
    if isinstance(asked, agent_in.Join) and not seat.needs_join(asked.request):
        return ()
    return seat.call(structs.replace(asked, ref=seat.new_ref()), after)


def _listed(seat: Seat, frame: agent_out.Listed) -> Effects:
    asked = seat.pending.pop(frame.ref, None)
    if not isinstance(asked, agent_in.List):
        return ()
    if asked.filter.status == "closed" or asked.filter.customer is not None:
        seat.desk.set_listed(asked.filter, map(request_from, frame.requests))
        return ()
    effects: Effects = ()
    for request in frame.requests:
        effects += _request_changed(seat, request)
    if not (frame.more and frame.requests):
        return effects
    before = min(request.id for request in frame.requests)
    return effects + seat.list_requests(asked.filter, before)


def _found(seat: Seat, frame: agent_out.Stats | agent_out.Found) -> None:
    asked = seat.pending.pop(frame.ref, None)
    if isinstance(frame, agent_out.Stats):
        seat.stats = stats_from(frame)
    elif isinstance(asked, agent_in.Search) and asked.text == seat.sought:
        seat.found = tuple(map(hit_from, frame.hits))


def _deleted(seat: Seat, number: int) -> Effects:
    known = number in seat.desk.known or number in seat.written
    seat.desk.forget(number)
    seat.drafts.forget(number)
    if number != seat.open:
        return (SaveDraft(number),)
    seat.open, seat.joined = None, False
    said = f"#{number} was deleted with all its messages." if known else f"There is no #{number}."
    return (SaveDraft(number), ShowRequest(None), ShowNotice(said))
