"""The second wall: whatever a widget draws, no control character leaves for the terminal.

It hopes to find nothing: strings are cleaned where they enter the model. It never changes what
is clean, and never the control sequences that Textual itself writes.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from helpdesk_tui.safety import guarded


class ControlGuard(LineFilter):
    """Takes control characters out of drawn lines; Rich counts them as no cells, so widths hold."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return *segments* with text that is printable."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [_guarded(segment) for segment in segments]


def _guarded(segment: Segment) -> Segment:
    if segment.control:
        return segment
    return Segment(guarded(segment.text), segment.style)
