"""The second wall holds for whatever a widget draws, and leaves Textual's own sequences alone."""

import pytest
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color

from helpdesk_tui.terminal import ControlGuard

BLACK = Color(0, 0, 0)


def drawn(*segments: Segment) -> list[Segment]:
    return ControlGuard().apply(list(segments), BLACK)


@pytest.mark.parametrize(
    "payload",
    ["\x1b]52;c;aGk=\x07", "\x9b2J", "\x00\x05\x0e\x7f", "\u202e", "\U000e0041", "\u2028", "\n"],
)
def test_what_a_widget_let_through_is_taken_out(payload: str) -> None:
    [segment] = drawn(Segment(f"a{payload}b", Style(bold=True)))
    assert segment.text.isprintable()
    assert segment.text.startswith("a")
    assert segment.text.endswith("b")
    assert segment.style == Style(bold=True)


def test_clean_text_is_passed_on_as_it_is() -> None:
    segments = [Segment("Hello"), Segment(" 👋 world")]
    assert ControlGuard().apply(segments, BLACK) is segments


def test_a_control_of_textual_itself_stays() -> None:
    control = Segment("\x1b[2J", None, [(ControlType.CLEAR,)])
    assert drawn(Segment("\x1b"), control)[1] is control
