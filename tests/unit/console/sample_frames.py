"""Sample frames of a relay for the unit tests of the model."""

from collections.abc import Iterator
from itertools import count

from msgspec import structs

from helpdesk_tui.model.seat import CacheLimits, Seat
from relay.wire import agent_out, objects

AT = "2026-11-22T10:35:00.000Z"
ME, KIM = objects.AgentLabel(3, "Sam"), objects.AgentLabel(5, "Kim")
CUSTOMER = objects.By("customer", 17, "Ada")


def request(number: int, **fields: object) -> objects.AgentRequest:
    """Return a waiting request of Ada's with *fields* changed."""
    told = objects.AgentRequest(
        id=number,
        status="waiting",
        agent=None,
        opened_at=AT,
        claimed_at=None,
        closed_at=None,
        seq=0,
        read=objects.ReadMarks(0, 0),
        rating=None,
        customer=objects.CustomerObject(17, name="Ada", verified=False, online=True),
        site="default",
        page=objects.PageObject(),
        locale=None,
        user_agent=None,
        last=None,
        waiting_since=AT,
        tags=[],
    )
    return structs.replace(told, **fields)


def message(seq: int, by: objects.By = CUSTOMER, **fields: object) -> objects.MessageObject:
    """Return the text *seq* of Ada's with *fields* changed."""
    return structs.replace(objects.MessageObject(seq, "text", by, f"line {seq}", AT), **fields)


def welcome(
    *requests: objects.AgentRequest, epoch: str = "e1", more: bool = False
) -> agent_out.Welcome:
    """Return the welcome to Sam."""
    me = objects.AgentObject(ME.id, ME.name, "agent", "online")
    limits = objects.Limits(4000, 65536, 50, 200)
    return agent_out.Welcome("1", epoch, me, [me], list(requests), more, [], limits)


def joined(number: int, *seqs: int, **fields: object) -> agent_out.Joined:
    """Return the answer to `join` with Ada's texts *seqs*."""
    told = request(number, seq=max(seqs, default=0), **fields)
    return agent_out.Joined("j", told, [message(seq) for seq in seqs], more=False)


def new_seat(room: CacheLimits = CacheLimits()) -> Seat:  # noqa: B008 - frozen
    """Return a seat whose refs are r1, r2, r3 …"""
    refs: Iterator[str] = (f"r{number}" for number in count(1))
    return Seat(lambda: next(refs), room)
