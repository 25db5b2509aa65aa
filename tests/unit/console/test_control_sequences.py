"""The control sequences that the console makes itself, and that nothing gets into them."""

from base64 import b64decode

import pytest

from helpdesk_tui.terminal import clipboard, kind_for, notification, title

HOSTILE = "a;b\x1b]52;c;aGk=\x07\x9b2J\u202e\n\x9c"


@pytest.mark.parametrize(
    ("kind", "sequence"),
    [
        ("9", "\a\x1b]9;#7 needs you\x1b\\"),
        ("777", "\a\x1b]777;notify;Helpdesk;#7 needs you\x1b\\"),
        ("99", "\a\x1b]99;;#7 needs you\x1b\\"),
        ("bell", "\a"),
        ("off", ""),
    ],
)
def test_a_notice_is_told_as_the_terminal_understands_it(kind: str, sequence: str) -> None:
    assert notification(kind, "#7 needs you", tmux=False) == sequence


def test_tmux_passes_on_what_is_wrapped_for_it() -> None:
    assert notification("9", "x", tmux=True) == "\a\x1bPtmux;\x1b\x1b]9;x\x1b\x1b\\\x1b\\"


@pytest.mark.parametrize("kind", ["9", "777", "99"])
def test_nothing_from_outside_ends_a_sequence_early(kind: str) -> None:
    told = notification(kind, HOSTILE, tmux=False)
    frame = {"9": "\x1b]9;", "777": "\x1b]777;notify;Helpdesk;", "99": "\x1b]99;;"}[kind]
    inside = told.removeprefix(f"\a{frame}").removesuffix("\x1b\\")
    assert inside.isprintable()
    assert ";" not in inside


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, "9"),
        ({"KITTY_WINDOW_ID": "1"}, "99"),
        ({"VTE_VERSION": "7000"}, "777"),
        ({"TERM": "xterm-256color"}, "bell"),
    ],
)
def test_the_kind_follows_from_the_terminal(environment: dict[str, str], kind: str) -> None:
    assert kind_for(environment) == kind


def test_the_title_counts_who_waits() -> None:
    assert (title(0), title(3)) == ("\x1b]2;Helpdesk\x1b\\", "\x1b]2;(3) Helpdesk\x1b\\")


def test_what_is_copied_is_whole_or_not_at_all() -> None:
    sequence = clipboard("grüße\n" + HOSTILE)
    inside = sequence.removeprefix("\x1b]52;c;").removesuffix("\x1b\\")
    assert b64decode(inside).decode() == "grüße\n" + HOSTILE
    assert clipboard("x" * 74_000) == ""
