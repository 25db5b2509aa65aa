"""Table of permissions: each frame of each role for each kind of request, as data.

A word is the type of the answer, ``!`` and the code of the refusal, or ``-`` for no answer at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args

from msgspec import Struct

from relay.wire import agent_in, customer

ADAS_CLOSED, ADAS, BOBS, CYDS, EVES, MISSING = 1, 2, 3, 4, 5, 99
"""Ada's second request is Sam's, Bob's is Kim's, Cyd's is nobody's, Eve's is Root's."""
SAM, KIM, ROOT, OLD = 1, 2, 3, 4
"""Agents; Root is an admin, and Old is disabled."""

Row = tuple[Mapping[str, Any], str]
"""The fields of a frame, and what it is answered: for each of the role's requests, or once."""


@dataclass(frozen=True)
class Cell:
    """One case: what is said, and what must be answered."""

    name: str
    kind: str
    fields: Mapping[str, Any]
    answer: str

    @property
    def refused(self) -> bool:
        """Whether it must change nothing."""
        return self.answer.startswith("!")


@dataclass(frozen=True)
class Role:
    """Who speaks. ``requests`` are the columns of the rows that name one; None names none."""

    frames: Mapping[str, type[Struct]]
    requests: Mapping[str, int | None]
    rows: Mapping[str, Row]

    def cells(self, kind: str) -> Iterator[Cell]:
        """Yield the cases of the frame *kind*."""
        for row in (name for name in self.rows if name.partition(" ")[0] == kind):
            fields, words = self.rows[row]
            answers = words.split()
            columns = self.requests if "request" in self.frames[kind].__struct_fields__ else {}
            for (column, number), answer in zip(
                (columns or {"": None}).items(), answers, strict=True
            ):
                named = {} if number is None else {"request": number}
                yield Cell(f"{row} {column}".strip(), kind, {**fields, **named}, answer)


def frames_of(union: UnionType) -> dict[str, type[Struct]]:
    """Return the frames of a union by the type that they bear on the wire."""
    return {frame.__struct_config__.tag: frame for frame in get_args(union)}


CUSTOMERS = frames_of(customer.ClientFrame)
AGENTS = frames_of(agent_in.ClientFrame)

ADA = Role(
    CUSTOMERS,
    {"": None, "own": ADAS, "own closed": ADAS_CLOSED, "foreign": BOBS, "missing": MISSING},
    {
        "hello": ({}, "!invalid !invalid !invalid !invalid !invalid"),
        "open": ({"text": "Me again"}, "opened"),
        "send": ({"text": "Hello?"}, "sent sent !closed !not_found !not_found"),
        "history": ({"before": 9}, "history history history !not_found !not_found"),
        "typing": ({"on": True}, "-"),
        "read": ({"seq": 1}, "-"),
        "page": ({"page": {"url": "https://shop.example/pay"}}, "-"),
        "close": ({}, "closed"),
        "rate": ({"score": 5}, "rated rated rated !not_found !not_found"),
        "forget": ({}, "forgotten"),
        "ping": ({}, "pong"),
    },
)
STRANGER = Role(
    CUSTOMERS,
    {"": None, "foreign": BOBS, "missing": MISSING},
    {
        "hello": ({}, "!invalid !invalid !invalid"),
        "open": ({"text": "Help"}, "opened"),
        "send": ({"text": "Hello?"}, "!closed !closed !closed"),
        "history": ({"before": 9}, "!not_found !not_found !not_found"),
        "typing": ({"on": True}, "-"),
        "read": ({"seq": 1}, "!not_found"),
        "page": ({"page": {"url": "https://shop.example/pay"}}, "-"),
        "close": ({}, "!not_found"),
        "rate": ({"score": 5}, "!not_found !not_found !not_found"),
        "forget": ({}, "forgotten"),
        "ping": ({}, "pong"),
    },
)

_ANYBODYS: Mapping[str, Row] = {
    "hello": ({}, "!invalid"),
    "join": ({}, "joined joined joined joined !not_found"),
    "leave": ({}, "- - - - -"),
    "transfer to nobody": (
        {"to": MISSING},
        "!not_found !not_found !not_found !not_found !not_found",
    ),
    "transfer to the disabled": (
        {"to": OLD},
        "!not_found !not_found !not_found !not_found !not_found",
    ),
    "send": ({"text": "Hello"}, "sent sent sent !closed !not_found"),
    "note": ({"text": "Careful"}, "sent sent sent sent !not_found"),
    "typing": ({"on": True}, "- - - - -"),
    "read": ({"seq": 2}, "- - - - !not_found"),
    "close": ({}, "ok ok ok ok !not_found"),
    "tag": ({"add": ["vip"]}, "ok ok ok ok !not_found"),
    "history": ({"before": 9}, "history history history history !not_found"),
    "list": ({}, "listed"),
    "list of some": ({"filter": {"text": "words", "status": "closed", "tag": "x"}}, "listed"),
    "list of a time that is none": ({"filter": {"since": "now"}}, "!invalid"),
    "search": ({"text": "words"}, "found"),
    "search for nothing": ({"text": " "}, "!invalid"),
    "search from a cursor that is none": ({"text": "words", "cursor": "x"}, "!invalid"),
    "stats": ({"since": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"}, "stats"),
    "stats since a time that is none": ({"since": "1d", "until": "now"}, "!invalid"),
    "usage": ({}, "usage"),
    "follow": ({}, "following"),
    "follow from another desk": ({"cursor": "0:7"}, "!invalid"),
    "status": ({"status": "away"}, "ok"),
    "ping": ({}, "pong"),
}
_AN_AGENTS: Mapping[str, Row] = {
    **_ANYBODYS,
    "claim": ({}, "ok !conflict ok !closed !not_found"),
    "reopen": ({}, "ok ok ok !conflict !not_found"),
}
_AN_ADMINS: Mapping[str, Row] = {
    "release": ({}, "ok ok ok !closed !not_found"),
    "transfer": ({"to": KIM}, "ok ok ok !closed !not_found"),
    "agents": ({}, "agents"),
    "agent_add": ({"name": "Lea"}, "agent_added"),
    "agent_add again": ({"name": "Sam"}, "!conflict"),
    "agent_token": ({"agent": KIM}, "agent_token"),
    "agent_token of nobody": ({"agent": MISSING}, "!not_found"),
    "agent_set": ({"agent": KIM, "disabled": True}, "ok"),
    "agent_set of nobody": ({"agent": MISSING, "disabled": True}, "!not_found"),
    "agent_set to a taken name": ({"agent": KIM, "name": "Sam"}, "!conflict"),
    "canned_set": ({"name": "bye", "text": "Goodbye"}, "ok"),
    "canned_remove": ({"name": "hello"}, "ok"),
    "webhooks": ({}, "webhooks"),
    "dead_letters": ({}, "dead_letters"),
    "webhook_retry": ({}, "deliveries"),
    "webhook_retry of nothing": ({"delivery": "x:7"}, "!not_found"),
    "webhook_retry of no webhook": ({"webhook": "crm"}, "!not_found"),
    "webhook_drop": ({}, "deliveries"),
    "webhook_drop of nothing": ({"delivery": "x:7"}, "!not_found"),
    "hold": ({"why": "court order"}, "ok ok ok ok !not_found"),
    "hold for no reason": ({"why": " "}, "!invalid !invalid !invalid !invalid !invalid"),
    "unhold": ({}, "ok ok ok ok !not_found"),
    "purge": ({"dry_run": True}, "purged"),
    "purge of some": (
        {"dry_run": True, "filter": {"text": "words", "status": "closed", "tag": "x"}},
        "purged",
    ),
    "purge without a plan": ({"dry_run": False}, "!invalid"),
    "purge of another's plan": ({"dry_run": False, "plan": "x"}, "!not_found"),
    "purge of a time that is none": ({"dry_run": True, "filter": {"until": "now"}}, "!invalid"),
}
OTHERS = {"nobody's": CYDS, "closed": ADAS_CLOSED, "missing": MISSING}

A_PLAIN_AGENT = Role(
    AGENTS,
    {"own": ADAS, "a colleague's": BOBS, **OTHERS},
    {
        **_AN_AGENTS,
        "release": ({}, "ok !forbidden ok !closed !not_found"),
        "transfer": ({"to": ROOT}, "ok !forbidden ok !closed !not_found"),
        "agents": ({}, "!forbidden"),
        "agent_add": ({"name": "Lea"}, "!forbidden"),
        "agent_token": ({"agent": KIM}, "!forbidden"),
        "agent_token of their own": ({"agent": SAM}, "!forbidden"),
        "agent_set": ({"agent": KIM, "disabled": True}, "!forbidden"),
        "agent_set of their own": ({"agent": SAM, "role": "admin"}, "!forbidden"),
        "canned_set": ({"name": "bye", "text": "Goodbye"}, "!forbidden"),
        "canned_remove": ({"name": "hello"}, "!forbidden"),
        "webhooks": ({}, "!forbidden"),
        "dead_letters": ({}, "!forbidden"),
        "webhook_retry": ({}, "!forbidden"),
        "webhook_drop": ({}, "!forbidden"),
        "hold": (
            {"why": "court order"},
            "!forbidden !forbidden !forbidden !forbidden !forbidden",
        ),
        "unhold": ({}, "!forbidden !forbidden !forbidden !forbidden !forbidden"),
        "purge": ({"dry_run": True}, "!forbidden"),
        "purge for real": ({"dry_run": False, "plan": "x"}, "!forbidden"),
    },
)
AN_ADMIN = Role(
    AGENTS, {"own": EVES, "a colleague's": ADAS, **OTHERS}, {**_AN_AGENTS, **_AN_ADMINS}
)
THE_DESK_AS_SAM = Role(
    AGENTS, {"own": ADAS, "a colleague's": BOBS, **OTHERS}, {**_AN_AGENTS, **_AN_ADMINS}
)
THE_DESK = Role(
    AGENTS,
    {"an agent's": ADAS, "another's": BOBS, **OTHERS},
    {
        **_ANYBODYS,
        **_AN_ADMINS,
        "claim": ({}, "!forbidden !forbidden !forbidden !closed !not_found"),
        "reopen": ({}, "ok ok ok !forbidden !not_found"),
    },
)

ROLES: Mapping[str, Role] = {
    "a customer": ADA,
    "a customer without a request": STRANGER,
    "an agent": A_PLAIN_AGENT,
    "an admin": AN_ADMIN,
    "the control socket": THE_DESK,
    "the control socket as an agent": THE_DESK_AS_SAM,
}
