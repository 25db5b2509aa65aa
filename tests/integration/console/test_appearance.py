"""The looks that an agent can choose: contrast, the terminal's own colours, no mouse."""

from pathlib import Path

import pytest

from helpdesk_tui.app import run
from relay.errors import HelpdeskError
from relay.settings.model import Console as Preferences
from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.terminal import PROGRAM, terminal

MOUSE, NO_MOUSE, TRUE_COLOUR = b"\x1b[?1000h", b"\x1b[?1000l", b";2;"
F12 = "\x1b[24~"
LEAST_CONTRAST = 7.0
"""What WCAG calls enhanced."""


def program(preferences: str) -> str:
    """Return the program whose agent has set *preferences*."""
    chosen = f"preferences=Console({preferences})"
    return "from relay.settings.model import Console\n" + PROGRAM.replace(
        "Path(sys.argv[3])", f"Path(sys.argv[3]), {chosen}"
    )


def faintest(desk: ConsoleSession) -> float:
    """Return the least contrast of any letter on the screen."""
    contrasts = []
    for strip in desk.console.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            if style and style.color and style.bgcolor and segment.text.strip(" ─│╭╮╰╯▌┃▁▔"):
                pair = [
                    _luminance(*colour.get_truecolor()) for colour in (style.color, style.bgcolor)
                ]
                contrasts.append((max(pair) + 0.05) / (min(pair) + 0.05))
    return min(contrasts)


def _luminance(*rgb: int) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_high_contrast_has_enough_of_it_for_every_word(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello", tags=["lamps"])
    high = Preferences(theme="high-contrast")
    async with console_session(relay.url, tmp_path, preferences=high) as desk:
        await desk.open(1)
        await desk.sees("Write an answer")
        assert faintest(desk) >= LEAST_CONTRAST


def test_a_theme_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(HelpdeskError, match=r"no 'helpdsk'; .*helpdesk, high-contrast"):
        run("http://127.0.0.1:1", "hda_x", tmp_path, preferences=Preferences(theme="helpdsk"))


@pytest.mark.parametrize(("theme", "true"), [("terminal", False), ("helpdesk", True)])
async def test_the_terminals_own_colours_are_all_that_its_theme_uses(
    relay: FakeRelay, tmp_path: Path, theme: str, *, true: bool
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path, program=program(f"theme={theme!r}")) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        assert (TRUE_COLOUR in desk.written) is true


@pytest.mark.parametrize("mouse", [True, False])
async def test_the_mouse_is_the_terminals_where_the_agent_wants_it(
    relay: FakeRelay, tmp_path: Path, *, mouse: bool
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path, program=program(f"mouse={mouse}")) as desk:
        await desk.sees("Hello")
        assert (MOUSE in desk.written) is mouse


@pytest.mark.parametrize("mouse", [True, False])
async def test_the_mouse_changes_hands_while_the_console_runs(
    relay: FakeRelay, tmp_path: Path, *, mouse: bool
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path, program=program(f"mouse={mouse}")) as desk:
        await desk.sees("Hello")
        for on in (not mouse, mouse):
            before = len(desk.written)
            desk.type(F12)
            await desk.sees("console's again" if on else "the terminal's now")
            told = desk.written[before:]
            assert (MOUSE in told, NO_MOUSE in told) == (on, not on)
