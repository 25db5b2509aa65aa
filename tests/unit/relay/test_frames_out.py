"""Frames of the relay have exactly the protocol's fields, including nulls."""

import json
from typing import Any

import pytest
from msgspec import UNSET, Struct

from relay.desk.stats import UsageDay, UsageMonth
from relay.errors import Code
from relay.wire import agent_out, customer, objects, webhooks
from relay.wire.codec import encode, frames_for_agents, frames_for_customers
from tests.unit.relay.golden import (
    BARE,
    BARE_J,
    CANNED,
    CANNED_J,
    CLOSED,
    CLOSED_J,
    DESK,
    DESK_J,
    FIGURES,
    FIGURES_J,
    FRESH,
    FRESH_J,
    FULL,
    FULL_J,
    HELD,
    HELD_J,
    LETTER,
    LETTER_J,
    LIMITS,
    LIMITS_J,
    NO_FIGURES,
    NO_FIGURES_J,
    OLD,
    OLD_J,
    PLANNED,
    PLANNED_J,
    RATED,
    RATED_J,
    SAM,
    SAM_J,
    SAMS,
    TAGGED,
    TAGGED_J,
    TEXT,
    TEXT_J,
    WEBHOOK,
    WEBHOOK_J,
)
from tests.unit.relay.samples import AT_TEXT as AT

Golden = tuple[Struct, dict[str, Any]]

BOTH: list[Golden] = [
    (objects.Error(Code.BAD_FRAME, "m"), {"type": "error", "code": "bad_frame", "message": "m"}),
    (
        objects.Error(Code.RATE_LIMITED, "m", "r", 2.0),
        {
            "type": "error",
            "ref": "r",
            "code": "rate_limited",
            "message": "m",
            "retry_after": 2.0,
        },
    ),
    (objects.Pong("r"), {"type": "pong", "ref": "r"}),
    (
        objects.Typing(42, "agent", on=True),
        {"type": "typing", "request": 42, "by": "agent", "on": True},
    ),
    (
        objects.Read(42, "customer", 7),
        {"type": "read", "request": 42, "by": "customer", "seq": 7},
    ),
    (
        objects.MessagePush(42, TEXT),
        {"type": "message", "request": 42, "message": TEXT_J},
    ),
    (objects.Gone(42), {"type": "gone", "request": 42}),
    (objects.Sent("r", 7, AT), {"type": "sent", "ref": "r", "seq": 7, "at": AT}),
    (
        objects.History("r", [TEXT, CLOSED, TAGGED], more=True),
        {
            "type": "history",
            "ref": "r",
            "messages": [TEXT_J, CLOSED_J, TAGGED_J],
            "more": True,
        },
    ),
]

TO_CUSTOMERS: list[Golden] = [
    (
        customer.Welcome(
            "1",
            "hdc_x",
            "e",
            None,
            [],
            more=False,
            reset=False,
            desk=DESK,
            limits=LIMITS,
            version="0.1",
        ),
        {
            "type": "welcome",
            "ref": "1",
            "token": "hdc_x",
            "epoch": "e",
            "request": None,
            "messages": [],
            "more": False,
            "reset": False,
            "desk": DESK_J,
            "limits": LIMITS_J,
            "version": "0.1",
        },
    ),
    (
        customer.Opened("r", FRESH, [CLOSED], more=False),
        {
            "type": "opened",
            "ref": "r",
            "request": FRESH_J,
            "messages": [CLOSED_J],
            "more": False,
        },
    ),
    (customer.Closed("r", RATED), {"type": "closed", "ref": "r", "request": RATED_J}),
    (customer.Rated("r"), {"type": "rated", "ref": "r"}),
    (customer.Forgotten("r"), {"type": "forgotten", "ref": "r"}),
    (customer.RequestPush(FRESH), {"type": "request", "request": FRESH_J}),
    (customer.DeskPush(DESK), {"type": "desk", "desk": DESK_J}),
]

TO_AGENTS: list[Golden] = [
    (
        agent_out.Welcome(
            "1", "e", SAM, [SAM, OLD], [BARE], more=True, canned=[CANNED], limits=LIMITS
        ),
        {
            "type": "welcome",
            "ref": "1",
            "epoch": "e",
            "agent": SAM_J,
            "agents": [SAM_J, OLD_J],
            "requests": [BARE_J],
            "more": True,
            "canned": [CANNED_J],
            "limits": LIMITS_J,
        },
    ),
    (
        agent_out.Joined("r", FULL, [TEXT], more=True),
        {
            "type": "joined",
            "ref": "r",
            "request": FULL_J,
            "messages": [TEXT_J],
            "more": True,
        },
    ),
    (agent_out.Ok("r"), {"type": "ok", "ref": "r"}),
    (agent_out.Ok("r", BARE), {"type": "ok", "ref": "r", "request": BARE_J}),
    (agent_out.Ok("r", UNSET, OLD), {"type": "ok", "ref": "r", "agent": OLD_J}),
    (
        agent_out.Listed("r", [FULL], more=False),
        {"type": "listed", "ref": "r", "requests": [FULL_J], "more": False},
    ),
    (
        agent_out.Found("r", [agent_out.Hit(42, None, "Ada", AT)], None),
        {
            "type": "found",
            "ref": "r",
            "hits": [{"request": 42, "seq": None, "snippet": "Ada", "at": AT}],
            "cursor": None,
        },
    ),
    (
        webhooks.Webhooks("r", [WEBHOOK]),
        {"type": "webhooks", "ref": "r", "webhooks": [WEBHOOK_J]},
    ),
    (
        webhooks.DeadLetters("r", [LETTER], more=False),
        {"type": "dead_letters", "ref": "r", "dead_letters": [LETTER_J], "more": False},
    ),
    (webhooks.Deliveries("r", 7), {"type": "deliveries", "ref": "r", "count": 7}),
    (
        agent_out.Usage("r", [UsageDay("2026-11-22", 9, 2)], [UsageMonth("2026-11", 1, 9, 2)]),
        {
            "type": "usage",
            "ref": "r",
            "days": [{"name": "2026-11-22", "messages": 9, "connections": 2}],
            "months": [{"name": "2026-11", "people": 1, "messages": 9, "connections": 2}],
        },
    ),
    (
        agent_out.Stats(
            "r", FIGURES, [], [agent_out.Slice("09", NO_FIGURES)], [SAMS], [], more=False
        ),
        {
            "type": "stats",
            "ref": "r",
            "total": FIGURES_J,
            "days": [],
            "hours": [{"name": "09", "figures": NO_FIGURES_J}],
            "agents": [{"name": "Sam", "id": 3, "figures": FIGURES_J}],
            "sites": [],
            "more": False,
        },
    ),
    (
        agent_out.Following("r", "e:7"),
        {"type": "following", "ref": "r", "cursor": "e:7"},
    ),
    (
        agent_out.Event("e:8", 42, TEXT),
        {"type": "event", "cursor": "e:8", "request": 42, "message": TEXT_J},
    ),
    (
        agent_out.AgentsListed("r", [SAM]),
        {"type": "agents", "ref": "r", "agents": [SAM_J]},
    ),
    (
        agent_out.AgentAdded("r", SAM, "hda_x"),
        {"type": "agent_added", "ref": "r", "agent": SAM_J, "token": "hda_x"},
    ),
    (
        agent_out.AgentTokenMade("r", SAM, "hda_x"),
        {"type": "agent_token", "ref": "r", "agent": SAM_J, "token": "hda_x"},
    ),
    (agent_out.Ok("r", HELD), {"type": "ok", "ref": "r", "request": HELD_J}),
    (
        agent_out.Purged("r", PLANNED),
        {"type": "purged", "ref": "r", "receipt": PLANNED_J},
    ),
    (
        agent_out.Purging("r", 20, 41),
        {"type": "purging", "ref": "r", "done": 20, "total": 41},
    ),
    (agent_out.RequestPush(FULL), {"type": "request", "request": FULL_J}),
    (agent_out.AgentPush(SAM), {"type": "agent", "agent": SAM_J}),
    (
        agent_out.Watching(42, [objects.AgentLabel(3, "Sam")]),
        {"type": "watching", "request": 42, "agents": [{"id": 3, "name": "Sam"}]},
    ),
    (
        agent_out.CannedPush([CANNED]),
        {"type": "canned", "canned": [CANNED_J]},
    ),
]


def name_of(value: object) -> str | None:
    return type(value).__name__ if isinstance(value, Struct) else ""


@pytest.mark.parametrize(("frame", "golden"), [*BOTH, *TO_CUSTOMERS, *TO_AGENTS], ids=name_of)
def test_a_frame_has_exactly_the_protocols_fields(frame: Struct, golden: dict[str, Any]) -> None:
    assert json.loads(encode(frame)) == golden


def test_a_client_reads_what_the_relay_wrote() -> None:
    for frame, golden in [*BOTH, *TO_CUSTOMERS]:
        assert frames_for_customers.read_known(json.dumps(golden)) == frame
    for frame, golden in [*BOTH, *TO_AGENTS]:
        assert frames_for_agents.read_known(json.dumps(golden)) == frame


def test_no_frame_is_left_out() -> None:
    assert {type(f) for f, _ in BOTH + TO_CUSTOMERS} == set(customer.RelayFrame.__args__)
    assert {type(f) for f, _ in BOTH + TO_AGENTS} == set(agent_out.RelayFrame.__args__)


def test_a_client_passes_over_what_a_newer_relay_says() -> None:
    assert frames_for_customers.read_known('{"type":"weather","sun":true}') is None
    assert frames_for_customers.read_known('{"type":"pong","ref":"r","sun":true}') is not None
