"""Converts the desk's values to objects of the protocol, for agents or for customers. Pure.

Customers' objects are built from the fields that a customer may see, never by removing fields from
the agents' objects: a field that is added to a request stays hidden until it is added here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from msgspec import UNSET
from msgspec.structs import asdict

from relay.desk.event_data import sentence, to_event_data
from relay.desk.events import Author, Message, Millis, Role
from relay.desk.request import Agent, Customer, Hold, LatestText, Rating, Record, Visit
from relay.errors import Refused
from relay.wire import objects

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: half the time of an aware one


@lru_cache(maxsize=1024)
def rfc3339(at: Millis) -> str:
    """Return *at* as ``2026-11-22T10:35:00.123Z``."""
    return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds") + "Z"


def message_for_agents(message: Message, desk: str, *, own: bool = False) -> objects.MessageObject:
    """Return *message* in the agents' numbers; *own*: with its ``ref``, for its author."""
    plain = to_event_data(message.event)
    by = message.by
    return objects.MessageObject(
        seq=message.seq,
        kind=plain.kind,
        by=by_object(by, desk),
        text=sentence(message.event, by) if plain.text is None else plain.text,
        at=rfc3339(message.at),
        activity=plain.activity or UNSET,
        data=dict(plain.data) if plain.data else UNSET,
        ref=message.ref if own and message.ref else UNSET,
    )


def message_for_customer(
    message: Message, desk: str, *, own: bool = False
) -> objects.MessageObject:
    """Return *message* in the customers' numbers; raise ValueError if they do not see it."""
    if message.customer_seq is None:
        raise ValueError("customers do not see this message")
    plain = to_event_data(message.event)
    return objects.MessageObject(
        seq=message.customer_seq,
        kind=plain.kind,
        by=objects.By(message.by.role, name=_name(message.by, desk)),
        text=sentence(message.event, message.by) if plain.text is None else plain.text,
        at=rfc3339(message.at),
        activity=plain.activity or UNSET,
        ref=message.ref if own and message.ref else UNSET,
    )


def request_for_customer(record: Record, agents: Mapping[int, Agent]) -> objects.CustomerRequest:
    """Return the request with the fields that its customer may see."""
    request = record.request
    holder = agents.get(request.agent) if request.agent else None
    return objects.CustomerRequest(
        id=request.id,
        status=request.status or "",
        agent=objects.AgentName(holder.name) if holder else None,
        opened_at=_time(request.opened_at) or "",
        claimed_at=_time(request.claimed_at),
        closed_at=_time(request.closed_at),
        seq=request.customer_seq,
        read=objects.ReadMarks(
            record.read_by_customer.customer_seq, record.read_by_agent.customer_seq
        ),
        rating=_rating(request.rating),
    )


def request_for_agents(
    record: Record, agents: Mapping[int, Agent], desk: str, *, online: bool
) -> objects.AgentRequest:
    """Return the request with all fields for agents; *online*: its customer is connected.

    *desk* is the desk's name, for what the desk itself did.
    """
    request = record.request
    holder = agents.get(request.agent) if request.agent else None
    return objects.AgentRequest(
        id=request.id,
        status=request.status or "",
        agent=objects.AgentLabel(holder.id, holder.name) if holder else None,
        opened_at=_time(request.opened_at) or "",
        claimed_at=_time(request.claimed_at),
        closed_at=_time(request.closed_at),
        seq=request.seq,
        read=objects.ReadMarks(record.read_by_customer.seq, record.read_by_agent.seq),
        rating=_rating(request.rating),
        customer=_customer(record.customer, online=online),
        site=request.site,
        page=_page(record.visit),
        locale=record.visit.locale,
        user_agent=record.visit.user_agent,
        last=_last(request.last),
        waiting_since=_time(request.waiting_since),
        tags=list(request.tags),
        hold=_hold(request.hold, desk),
    )


def agent_object(agent: Agent, status: str) -> objects.AgentObject:
    """Return *agent* with their presence: ``online``, ``away`` or ``offline``."""
    disabled = True if agent.disabled else UNSET
    return objects.AgentObject(agent.id, agent.name, agent.role, status, disabled)


def by_object(by: Author, desk: str) -> objects.By:
    """Return *by* as agents see them."""
    return objects.By(by.role, by.id or None, _name(by, desk))


def error_object(refused: Refused, ref: str | None) -> objects.Error:
    """Return the error frame that answers the frame *ref*."""
    return objects.Error(refused.code, refused.message, ref, refused.retry_after)


def _name(by: Author, desk: str) -> str | None:
    return desk if by.role is Role.DESK else by.name


def _time(at: Millis | None) -> str | None:
    return None if at is None else rfc3339(at)


def _rating(rating: Rating | None) -> objects.RatingObject | None:
    if rating is None:
        return None
    return objects.RatingObject(rating.score, rating.comment, rfc3339(rating.at))


def _hold(hold: Hold | None, desk: str) -> objects.HoldObject | None:
    if hold is None:
        return None
    return objects.HoldObject(hold.why, by_object(hold.by, desk), rfc3339(hold.at))


def _last(last: LatestText | None) -> objects.LastObject | None:
    return None if last is None else objects.LastObject(last.text, last.by, rfc3339(last.at))


def _customer(customer: Customer, *, online: bool) -> objects.CustomerObject:
    return objects.CustomerObject(
        customer.id, **asdict(customer.contact), verified=customer.verified, online=online
    )


def _page(visit: Visit) -> objects.PageObject:
    return objects.PageObject(visit.url, visit.title, visit.referrer)
