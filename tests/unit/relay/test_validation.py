"""Every string of a frame is sanitized and bounded before the desk sees it."""

import pytest

from relay.errors import Code, Refused
from relay.wire import agent_in, customer
from relay.wire.objects import PageObject
from relay.wire.validation import Frame, validated

DIRTY = " \x00A\u202ed\x1ba\n "
LIMIT = 10
PAGE = PageObject("https://shop.example/", "Shop", "https://search.example/")

LONGEST = customer.Open("r", name="n" * 100, email="e" * 254)


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (customer.Send("r", DIRTY), customer.Send("r", "A\u202eda")),
        (customer.Send("r", "a\r\nb"), customer.Send("r", "a\nb")),
        (customer.Open("r"), customer.Open("r")),
        (
            customer.Open("r", name=DIRTY, email=DIRTY, text=DIRTY),
            customer.Open("r", name="Ada", email="Ada", text="A\u202eda"),
        ),
        (customer.Open("r", name=" ", email="\x00"), customer.Open("r")),
        (customer.Rate("r", 5, DIRTY), customer.Rate("r", 5, "Ada")),
        (customer.Rate("r", 5, " "), customer.Rate("r", 5, None)),
        (customer.Hello("r"), customer.Hello("r")),
        (
            customer.Hello("r", locale="en-GB", page=PAGE),
            customer.Hello("r", locale="en-GB", page=PAGE),
        ),
        (customer.Hello("r", locale="x" * 36), customer.Hello("r")),
        (customer.Hello("r", locale=""), customer.Hello("r")),
        (customer.Hello("r", page=PageObject()), customer.Hello("r", page=PageObject())),
        (
            customer.SetPage(PageObject("javascript:x", "t" * 201, "ftp://x/"), " de\n"),
            customer.SetPage(PageObject(None, "t" * 200, None), "de"),
        ),
        (
            customer.SetPage(PageObject(f"https://x/{'a' * 2048}", DIRTY, "https://y/")),
            customer.SetPage(PageObject(None, "Ada", "https://y/")),
        ),
        (agent_in.Send("r", 1, DIRTY), agent_in.Send("r", 1, "A\u202eda")),
        (agent_in.Note("r", 1, DIRTY), agent_in.Note("r", 1, "A\u202eda")),
        (agent_in.Transfer("r", 1, 2), agent_in.Transfer("r", 1, 2)),
        (agent_in.Transfer("r", 1, 2, DIRTY), agent_in.Transfer("r", 1, 2, "A\u202eda")),
        (agent_in.AgentAdd("r", DIRTY), agent_in.AgentAdd("r", "Ada")),
        (agent_in.AgentSet("r", 1), agent_in.AgentSet("r", 1)),
        (agent_in.AgentSet("r", 1, DIRTY), agent_in.AgentSet("r", 1, "Ada")),
        (agent_in.CannedSet("r", DIRTY, DIRTY), agent_in.CannedSet("r", "Ada", "A\u202eda")),
        (agent_in.CannedRemove("r", DIRTY), agent_in.CannedRemove("r", "Ada")),
        (customer.Send("r", "x" * LIMIT), customer.Send("r", "x" * LIMIT)),
        (customer.Send("r", "😀" * LIMIT), customer.Send("r", "😀" * LIMIT)),
        (customer.Send("r", f" {'x' * LIMIT}\n"), customer.Send("r", "x" * LIMIT)),
        (
            customer.Open("r", name="n" * 100, email="e" * 254),
            customer.Open("r", name="n" * 100, email="e" * 254),
        ),
        (customer.Rate("r", 5, "c" * 1_000), customer.Rate("r", 5, "c" * 1_000)),
        (customer.Close("r"), customer.Close("r")),
        (agent_in.Claim("r", 1), agent_in.Claim("r", 1)),
    ],
)
def test_a_frame_is_taken_clean(sent: Frame, taken: Frame) -> None:
    assert validated(sent, LIMIT) == taken


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (customer.Send("r", "\x00 \n"), "text"),
        (customer.Send("r", "x" * (LIMIT + 1)), "text"),
        (customer.Send("r", "😀" * (LIMIT + 1)), "text"),
        (customer.Open("r", text=" "), "text"),
        (customer.Open("r", name="n" * 101), "name"),
        (customer.Open("r", email="e" * 255), "email"),
        (customer.Rate("r", 5, "c" * 1_001), "comment"),
        (agent_in.Send("r", 1, ""), "text"),
        (agent_in.Note("r", 1, "x" * (LIMIT + 1)), "text"),
        (agent_in.Transfer("r", 1, 2, " "), "note"),
        (agent_in.Transfer("r", 1, 2, "x" * (LIMIT + 1)), "note"),
        (agent_in.AgentAdd("r", ""), "name"),
        (agent_in.AgentAdd("r", "n" * 101), "name"),
        (agent_in.AgentSet("r", 1, "\u202e"), "name"),
        (agent_in.CannedSet("r", " ", "x"), "name"),
        (agent_in.CannedSet("r", "x", " "), "text"),
        (agent_in.CannedRemove("r", "\x00"), "name"),
    ],
)
def test_what_a_person_wrote_and_is_empty_or_too_long_is_refused(sent: Frame, field: str) -> None:
    with pytest.raises(Refused, match=f"^`{field}` ") as refused:
        validated(sent, LIMIT)
    assert refused.value.code is Code.INVALID


def test_a_text_limit_of_zero_is_none() -> None:
    long = customer.Send("r", "x" * 50_000)
    assert validated(long, 0) == long
