"""Objects of the protocol, as structs and as the protocol's section 3 writes them in JSON."""

from msgspec.structs import replace

from relay.desk.stats import Durations, Satisfaction, Statistics
from relay.wire import agent_out, objects, webhooks
from tests.unit.relay.samples import AT_TEXT as AT

MARKS = objects.ReadMarks(5, 7)
LIMITS = objects.Limits(4000, 65536, 5, 20)
DESK = objects.DeskObject("Acme support", online=True, away_message=None)
SAM = objects.AgentObject(3, "Sam", "agent", "online")
OLD = objects.AgentObject(4, "Old", "admin", "offline", disabled=True)
TEXT = objects.MessageObject(7, "text", objects.By("agent", 3, "Sam"), "Hello Ada", AT)
CLOSED = objects.MessageObject(8, "activity", objects.By("customer", name="Ada"), "x", AT, "closed")
TAGGED = objects.MessageObject(
    9,
    "activity",
    objects.By("desk", None, "Acme support"),
    "y",
    AT,
    "tagged",
    {"add": ["billing"], "remove": []},
    "my-ref",
)
CANNED = objects.Canned("hello", "Hello {customer}, …")
FRESH = objects.CustomerRequest(42, "waiting", None, AT, None, None, 7, MARKS, None)
RATED = objects.CustomerRequest(
    42,
    "closed",
    objects.AgentName("Sam"),
    AT,
    AT,
    AT,
    7,
    MARKS,
    objects.RatingObject(5, None, AT),
)
BARE = objects.AgentRequest(
    id=42,
    status="waiting",
    agent=None,
    opened_at=AT,
    claimed_at=None,
    closed_at=None,
    seq=7,
    read=MARKS,
    rating=None,
    customer=objects.CustomerObject(17, verified=False, online=True),
    site="default",
    page=objects.PageObject(),
    locale=None,
    user_agent=None,
    last=None,
    waiting_since=None,
    tags=[],
)
FULL = objects.AgentRequest(
    id=42,
    status="active",
    agent=objects.AgentLabel(3, "Sam"),
    opened_at=AT,
    claimed_at=AT,
    closed_at=AT,
    seq=7,
    read=MARKS,
    rating=objects.RatingObject(1, "slow", AT),
    customer=objects.CustomerObject(
        17, name="Ada", email="ada@example.org", verified=True, online=False
    ),
    site="default",
    page=objects.PageObject("https://x/", "X", "https://y/"),
    locale="en-GB",
    user_agent="Firefox",
    last=objects.LastObject("Hello", "customer", AT),
    waiting_since=AT,
    tags=["billing"],
)
HELD = replace(BARE, hold=objects.HoldObject("tax", objects.By("agent", 3, "Sam"), AT))
PLANNED = agent_out.Receipt(
    plan="p",
    number=None,
    at=AT,
    by=objects.By("desk", None, "Acme support"),
    requests=2,
    messages=7,
    bytes=99,
    oldest=AT,
    newest=None,
    held=1,
    hash=None,
)
NO_FIGURES = Statistics(0, 0, 0, None, None, None)
FIGURES = Statistics(3, 2, 1, Durations(1.5, 2.5), Durations(60, 60), Satisfaction(1, 4), 5)
SAMS = agent_out.Slice("Sam", FIGURES, 3)

# The same objects as the protocol's section 3 writes them.
MARKS_J = {"customer": 5, "agent": 7}
LIMITS_J = {"text": 4000, "frame": 65536, "messages_per_second": 5, "burst": 20}
DESK_J = {"name": "Acme support", "online": True, "away_message": None}
SAM_J = {"id": 3, "name": "Sam", "role": "agent", "status": "online"}
OLD_J = {"id": 4, "name": "Old", "role": "admin", "status": "offline", "disabled": True}
CANNED_J = {"name": "hello", "text": "Hello {customer}, …"}
TEXT_J = {
    "seq": 7,
    "kind": "text",
    "by": {"role": "agent", "id": 3, "name": "Sam"},
    "text": "Hello Ada",
    "at": AT,
}
CLOSED_J = {
    "seq": 8,
    "kind": "activity",
    "by": {"role": "customer", "name": "Ada"},
    "text": "x",
    "at": AT,
    "activity": "closed",
}
TAGGED_J = {
    "seq": 9,
    "kind": "activity",
    "by": {"role": "desk", "id": None, "name": "Acme support"},
    "text": "y",
    "at": AT,
    "activity": "tagged",
    "data": {"add": ["billing"], "remove": []},
    "ref": "my-ref",
}
FRESH_J = {
    "id": 42,
    "status": "waiting",
    "agent": None,
    "opened_at": AT,
    "claimed_at": None,
    "closed_at": None,
    "seq": 7,
    "read": MARKS_J,
    "rating": None,
}
RATED_J = {
    **FRESH_J,
    "status": "closed",
    "agent": {"name": "Sam"},
    "claimed_at": AT,
    "closed_at": AT,
    "rating": {"score": 5, "comment": None, "at": AT},
}
BARE_J = {
    **FRESH_J,
    "customer": {"id": 17, "name": None, "email": None, "verified": False, "online": True},
    "site": "default",
    "page": {"url": None, "title": None, "referrer": None},
    "locale": None,
    "user_agent": None,
    "last": None,
    "waiting_since": None,
    "tags": [],
    "hold": None,
}
FULL_J = {
    **BARE_J,
    "status": "active",
    "agent": {"id": 3, "name": "Sam"},
    "claimed_at": AT,
    "closed_at": AT,
    "rating": {"score": 1, "comment": "slow", "at": AT},
    "customer": {
        "id": 17,
        "name": "Ada",
        "email": "ada@example.org",
        "verified": True,
        "online": False,
    },
    "page": {"url": "https://x/", "title": "X", "referrer": "https://y/"},
    "locale": "en-GB",
    "user_agent": "Firefox",
    "last": {"text": "Hello", "by": "customer", "at": AT},
    "waiting_since": AT,
    "tags": ["billing"],
}
HELD_J = {
    **BARE_J,
    "hold": {"why": "tax", "by": {"role": "agent", "id": 3, "name": "Sam"}, "at": AT},
}
PLANNED_J = {
    "plan": "p",
    "number": None,
    "at": AT,
    "by": {"role": "desk", "id": None, "name": "Acme support"},
    "requests": 2,
    "messages": 7,
    "bytes": 99,
    "oldest": AT,
    "newest": None,
    "held": 1,
    "hash": None,
    "overwritten": None,
}
NO_FIGURES_J = {
    "requests": 0,
    "answered": 0,
    "closed": 0,
    "first_answer": None,
    "resolution": None,
    "satisfaction": None,
    "ended": 0,
}
FIGURES_J = {
    "requests": 3,
    "answered": 2,
    "closed": 1,
    "first_answer": {"median": 1.5, "p90": 2.5},
    "resolution": {"median": 60.0, "p90": 60.0},
    "satisfaction": {"ratings": 1, "mean": 4.0},
    "ended": 5,
}

_FAILURE = webhooks.Failure("refused", 503, AT)
_FAILURE_J = {"outcome": "refused", "status": 503, "at": AT}
WEBHOOK = webhooks.WebhookObject(
    name="crm",
    known=True,
    events=["opened"],
    words=False,
    stopped=False,
    behind=3,
    waiting=2,
    dead=1,
    oldest=AT,
    failed=_FAILURE,
)
WEBHOOK_J = {
    "name": "crm",
    "known": True,
    "events": ["opened"],
    "words": False,
    "stopped": False,
    "behind": 3,
    "waiting": 2,
    "dead": 1,
    "oldest": AT,
    "failed": _FAILURE_J,
}
LETTER = webhooks.DeadLetter("e:7", "crm", "opened", 42, AT, 10, _FAILURE)
LETTER_J = {
    "delivery": "e:7",
    "webhook": "crm",
    "event": "opened",
    "request": 42,
    "at": AT,
    "tries": 10,
    "failed": _FAILURE_J,
}
