"""What is said to a terminal besides its screen: bell, notification, title, clipboard. Pure.

These are the only control sequences that the console makes itself. Each takes cleaned text
alone, without what could end it early.
"""

import re
from base64 import b64encode
from collections.abc import Mapping

from helpdesk_tui.safety import clean_line

BELL = "\a"
KEEP_TITLE, OLD_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""Lets the terminal put its title by, and take it back; tmux knows both, too."""
NO_FOCUS = (
    "tmux does not say when you look elsewhere, so nothing can be told you then: "
    "run `tmux set -g focus-events on`."
)
CLIPBOARD_LIMIT = 74_000
"""Bytes in Base64; what more than one terminal takes at most."""
NOTICE_LIMIT = 120
_ENDS = re.compile("[;\x00-\x1f\x7f-\x9f]")


def kind_for(environment: Mapping[str, str]) -> str:
    """Return which OSC sequence the terminal of *environment* notifies by, else ``bell``."""
    program = environment.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in environment or "kitty" in environment.get("TERM", ""):
        return "99"
    if program in {"iTerm.app", "WezTerm", "ghostty", "WarpTerminal"}:
        return "9"
    if "VTE_VERSION" in environment or "foot" in environment.get("TERM", ""):
        return "777"
    return "bell"


def notification(kind: str, text: str, *, tmux: bool) -> str:
    """Return what tells *text* by *kind* (``9``, ``777``, ``99``, ``bell``, ``off``).

    The bell rings with each: it is what a terminal without notifications understands.
    """
    words = _ENDS.sub(" ", clean_line(text, NOTICE_LIMIT))
    match kind:
        case "9":
            return BELL + _wrapped(f"\x1b]9;{words}\x1b\\", tmux=tmux)
        case "777":
            return BELL + _wrapped(f"\x1b]777;notify;Helpdesk;{words}\x1b\\", tmux=tmux)
        case "99":
            return BELL + _wrapped(f"\x1b]99;;{words}\x1b\\", tmux=tmux)
        case "bell":
            return BELL
        case _:
            return ""


def title(waiting: int) -> str:
    """Return what sets the terminal's title, with how many wait."""
    return f"\x1b]2;{f'({waiting}) ' if waiting else ''}Helpdesk\x1b\\"


def clipboard(text: str) -> str:
    """Return what puts *text* into the terminal's clipboard; nothing if it is too much.

    tmux takes it as it is, with ``set-clipboard on``; what is wrapped it drops as a rule.
    """
    data = b64encode(text.encode()).decode()
    return "" if len(data) > CLIPBOARD_LIMIT else f"\x1b]52;c;{data}\x1b\\"


def _wrapped(sequence: str, *, tmux: bool) -> str:
    """Let tmux pass *sequence* on to the terminal around it, if it is there and may."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\" if tmux else sequence
