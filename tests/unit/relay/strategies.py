"""Hypothesis strategies: authors, texts, commands, and requests with their logs."""

from itertools import product

from hypothesis import strategies as st

from relay.desk import commands
from relay.desk.events import DESK, Author, Message, Millis, Role
from relay.desk.request import HelpRequest, make_messages
from relay.desk.rules import decide
from relay.errors import Refused
from tests.unit.relay.samples import ADA, AT, BLANK, KIM, SAM, fold

ADMIN = Author(Role.AGENT, 9, "Root")
AUTHORS = (ADA, SAM, KIM, ADMIN, DESK)
COMMANDS: tuple[commands.Command, ...] = (
    commands.Open("Welcome!", "Help"),
    commands.Claim(),
    commands.Release(),
    commands.Transfer(KIM.id, "Kim", None),
    commands.Transfer(SAM.id, "Sam", "Yours"),
    commands.Send("Hello"),
    commands.Send("x" * 200),
    commands.Note("Careful"),
    commands.Close(),
    commands.Reopen(other_open=False),
    commands.Reopen(other_open=True),
    commands.Rate(1, None),
    commands.Rate(5, "good"),
    commands.Tag(frozenset({"b", "a"}), frozenset()),
    commands.Tag(frozenset({"vip"}), frozenset({"a", "c"})),
    commands.Hold("court order"),
    commands.Hold(None),
)
# Drawn whole: Hypothesis takes ten times as long to put a command together from its parts.
stories = st.lists(st.sampled_from(list(product(COMMANDS, AUTHORS))), max_size=25)
"""What people try on one request, one after the other."""

Story = list[tuple[commands.Command, Author]]


def live(story: Story) -> tuple[HelpRequest, list[Message], list[HelpRequest]]:
    """Return the request after *story*, its log, and each state on the way."""
    request, log, states = BLANK, list[Message](), list[HelpRequest]()
    opening = (commands.Open("Welcome!", None), ADA)
    for step, (command, by) in enumerate([opening, *story]):
        try:
            events = decide(request, command, by, admin=by in (ADMIN, DESK))
        except Refused:
            continue
        messages = make_messages(request, events, by, Millis(AT + step), f"ref-{step}")
        request = fold(request, messages)
        log.extend(messages)
        states.append(request)
    return request, log, states
