"""The rules of the desk for each status, command and kind of author."""

import pytest

from relay.desk import commands
from relay.desk.events import (
    DESK,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Noted,
    Opened,
    Rated,
    Sent,
    Tagged,
    Transferred,
)
from relay.desk.request import HelpRequest, Status
from relay.desk.rules import ALLOWED, decide
from relay.errors import Code, Refused
from tests.unit.relay.samples import ADA, BLANK, KIM, SAM, after

WAITING = after(BLANK, (Opened(), ADA))
ACTIVE = after(WAITING, (Claimed(), SAM))
CLOSED = after(ACTIVE, (Closed(), SAM))
REQUESTS = {"blank": BLANK, "waiting": WAITING, "active": ACTIVE, "closed": CLOSED}

COMMANDS: dict[str, commands.Command] = {
    "open": commands.Open(None, None),
    "claim": commands.Claim(),
    "release": commands.Release(),
    "transfer": commands.Transfer(7, "Lee", None),
    "send": commands.Send("Hello"),
    "note": commands.Note("Careful"),
    "close": commands.Close(),
    "reopen": commands.Reopen(other_open=False),
    "rate": commands.Rate(5, None),
    "tag": commands.Tag(frozenset({"billing"}), frozenset()),
    "hold": commands.Hold("court order"),
    "verify": commands.Verify(),
}
AUTHORS = {
    "customer": (ADA, False),
    "holder": (SAM, False),  # who has the active request
    "other": (KIM, False),
    "admin": (KIM, True),
    "desk": (DESK, True),
}

# What happens, `-` for nothing, or the code it is refused with and `!`.
EXPECTED = """
command   by        blank       waiting        active       closed

open      customer  opened      conflict!      conflict!    closed!
open      holder    forbidden!  forbidden!     forbidden!   forbidden!
open      other     forbidden!  forbidden!     forbidden!   forbidden!
open      admin     forbidden!  forbidden!     forbidden!   forbidden!
open      desk      forbidden!  forbidden!     forbidden!   forbidden!

claim     customer  forbidden!  forbidden!     forbidden!   forbidden!
claim     holder    not_found!  claimed        -            closed!
claim     other     not_found!  claimed        conflict!    closed!
claim     admin     not_found!  claimed        conflict!    closed!
claim     desk      not_found!  forbidden!     forbidden!   closed!

release   customer  forbidden!  forbidden!     forbidden!   forbidden!
release   holder    not_found!  -              released     closed!
release   other     not_found!  -              forbidden!   closed!
release   admin     not_found!  -              released     closed!
release   desk      not_found!  -              released     closed!

transfer  customer  forbidden!  forbidden!     forbidden!   forbidden!
transfer  holder    not_found!  transferred    transferred  closed!
transfer  other     not_found!  transferred    forbidden!   closed!
transfer  admin     not_found!  transferred    transferred  closed!
transfer  desk      not_found!  transferred    transferred  closed!

send      customer  not_found!  sent           sent         closed!
send      holder    not_found!  claimed+sent   sent         closed!
send      other     not_found!  claimed+sent   sent         closed!
send      admin     not_found!  claimed+sent   sent         closed!
send      desk      not_found!  announced      announced    closed!

note      customer  forbidden!  forbidden!     forbidden!   forbidden!
note      holder    not_found!  noted          noted        noted
note      other     not_found!  noted          noted        noted
note      admin     not_found!  noted          noted        noted
note      desk      not_found!  noted          noted        noted

close     customer  not_found!  closed         closed       -
close     holder    not_found!  closed         closed       -
close     other     not_found!  closed         closed       -
close     admin     not_found!  closed         closed       -
close     desk      not_found!  closed         closed       -

reopen    customer  forbidden!  forbidden!     forbidden!   forbidden!
reopen    holder    not_found!  -              -            reopened
reopen    other     not_found!  -              -            reopened
reopen    admin     not_found!  -              -            reopened
reopen    desk      not_found!  -              -            forbidden!

rate      customer  not_found!  rated          rated        rated
rate      holder    forbidden!  forbidden!     forbidden!   forbidden!
rate      other     forbidden!  forbidden!     forbidden!   forbidden!
rate      admin     forbidden!  forbidden!     forbidden!   forbidden!
rate      desk      forbidden!  forbidden!     forbidden!   forbidden!

tag       customer  forbidden!  forbidden!     forbidden!   forbidden!
tag       holder    not_found!  tagged         tagged       tagged
tag       other     not_found!  tagged         tagged       tagged
tag       admin     not_found!  tagged         tagged       tagged
tag       desk      not_found!  tagged         tagged       tagged

hold      customer  forbidden!  forbidden!     forbidden!   forbidden!
hold      holder    not_found!  forbidden!     forbidden!   forbidden!
hold      other     not_found!  forbidden!     forbidden!   forbidden!
hold      admin     not_found!  held           held         held
hold      desk      not_found!  held           held         held

verify    customer  not_found!  verified       verified     closed!
verify    holder    forbidden!  forbidden!     forbidden!   forbidden!
verify    other     forbidden!  forbidden!     forbidden!   forbidden!
verify    admin     forbidden!  forbidden!     forbidden!   forbidden!
verify    desk      forbidden!  forbidden!     forbidden!   forbidden!
"""


HEAD, *ROWS = [line.split() for line in EXPECTED.splitlines() if line]


def outcome(request: HelpRequest, command: commands.Command, by: Author, admin: bool) -> str:
    """Return what `decide` says, as the table writes it."""
    try:
        events = decide(request, command, by, admin=admin)
    except Refused as refused:
        return f"{refused.code}!"
    return "+".join(type(event).__name__.lower() for event in events) or "-"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_table_of_what_may_happen(command: str) -> None:
    expected = {row[1]: row[2:] for row in ROWS if row[0] == command}
    assert {
        by: [outcome(REQUESTS[status], COMMANDS[command], *who) for status in HEAD[2:]]
        for by, who in AUTHORS.items()
    } == expected


def test_the_table_has_every_command_author_and_status_once() -> None:
    rows = [(command, by) for command, by, *_ in ROWS]
    assert sorted(rows) == sorted((command, by) for command in COMMANDS for by in AUTHORS)
    assert HEAD[2:] == list(REQUESTS)
    assert {request.status for request in REQUESTS.values()} == {None, *Status}
    assert {type(command) for command in COMMANDS.values()} == set().union(*ALLOWED.values())


def test_a_customer_never_holds_a_request_by_having_an_agents_number() -> None:
    namesake = Author(ADA.role, SAM.id, "Ada")
    for command in (commands.Release(), commands.Transfer(7, "Lee", None)):
        assert outcome(ACTIVE, command, namesake, False) == "forbidden!"


def test_deciding_changes_nothing() -> None:
    before = {status: repr(request) for status, request in REQUESTS.items()}
    for author, admin in AUTHORS.values():
        for request in REQUESTS.values():
            for command in COMMANDS.values():
                first = outcome(request, command, author, admin)
                assert outcome(request, command, author, admin) == first
    assert {status: repr(request) for status, request in REQUESTS.items()} == before


@pytest.mark.parametrize(
    ("command", "events"),
    [
        (commands.Open(None, None), "opened"),
        (commands.Open("Welcome!", None), "opened+announced"),
        (commands.Open(None, "Help"), "opened+sent"),
        (commands.Open("Welcome!", "Help"), "opened+announced+sent"),
        (commands.Open("", ""), "opened"),
    ],
)
def test_opening_greets_first_and_then_says_what_the_customer_said(
    command: commands.Open, events: str
) -> None:
    assert outcome(BLANK, command, ADA, False) == events


def happens(request: HelpRequest, command: commands.Command, by: Author = SAM) -> list[Event]:
    return list(decide(request, command, by))


def test_a_transfer_brings_its_note_after_it() -> None:
    handed = Transferred(7, "Lee")
    assert happens(ACTIVE, commands.Transfer(7, "Lee", "Angry")) == [handed, Noted("Angry")]
    assert happens(ACTIVE, commands.Transfer(7, "Lee", "")) == [handed]


def test_a_transfer_to_who_has_it_changes_nothing() -> None:
    assert happens(ACTIVE, commands.Transfer(SAM.id, "Sam", None), KIM) == []


def test_an_agents_answer_to_another_agents_request_leaves_the_claim() -> None:
    assert happens(ACTIVE, commands.Send("Hello"), KIM) == [Sent("Hello")]


def test_a_request_is_not_reopened_beside_another_open_one() -> None:
    assert outcome(CLOSED, commands.Reopen(other_open=True), SAM, False) == "conflict!"
    assert outcome(ACTIVE, commands.Reopen(other_open=True), SAM, False) == "-"


def test_the_same_rating_again_is_no_news_but_another_is() -> None:
    rated = after(CLOSED, (Rated(4, "good"), ADA))
    assert happens(rated, commands.Rate(4, "good"), ADA) == []
    assert happens(rated, commands.Rate(4, None), ADA) == [Rated(4, None)]
    assert happens(rated, commands.Rate(5, "good"), ADA) == [Rated(5, "good")]


@pytest.mark.parametrize(
    ("add", "remove", "expected"),
    [
        ({"b", "a"}, set(), [Tagged(("a", "b"), ())]),
        ({"vip"}, set(), []),
        (set(), {"vip"}, [Tagged((), ("vip",))]),
        (set(), {"other"}, []),
        ({"vip"}, {"vip"}, [Tagged((), ("vip",))]),
        ({"new"}, {"new"}, []),
        ({"b", "vip"}, {"c"}, [Tagged(("b",), ())]),
        (set(), set(), []),
    ],
)
def test_only_what_changes_is_tagged_and_taking_off_wins(
    add: set[str], remove: set[str], expected: list[Event]
) -> None:
    tagged = after(WAITING, (Tagged(("vip",), ()), SAM))
    command = commands.Tag(frozenset(add), frozenset(remove))
    assert happens(tagged, command) == expected


def test_the_same_hold_again_is_no_news_but_another_reason_and_its_end_are() -> None:
    def happens_to(request: HelpRequest, why: str | None) -> list[Event]:
        return list(decide(request, commands.Hold(why), DESK, admin=True))

    held = after(CLOSED, (Held("court order"), DESK))
    assert happens_to(held, "court order") == []
    assert happens_to(held, "tax") == [Held("tax")]
    assert happens_to(held, None) == [Held(None)]
    assert happens_to(CLOSED, None) == []


def test_a_refusal_names_the_request_and_never_what_was_said() -> None:
    with pytest.raises(Refused) as refused:
        decide(CLOSED, commands.Send("my secret"), ADA)
    assert refused.value.code is Code.CLOSED
    assert "#42" in refused.value.message
    assert "secret" not in refused.value.message
