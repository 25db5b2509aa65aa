"""Terminal input: bytes become keys, pastes and clicks, in whatever pieces they arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from helpdesk_tui.terminal_input import (
    CUT_DELAY,
    ESCAPE_DELAY,
    PASTE,
    PASTE_DELAY,
    PASTE_END,
    TerminalInput,
)

ANSWERS = (
    "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]11;rgb:ffff/ffff/ffff\x07",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1bP>|XTerm(367)\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b[?62;1;2;4;6;9;15;16;17;18;21;22;28;29c",
    "\x1b[>41;367;0c",
    "\x1b[?25u",
    "\x1b[4;600;800t",
    "\x1b[?1;2;3$y",
    "\x1b[<nan;NaN;1M",
)


def read(*pieces: str | bytes, gap: float = 0.0, wait: float = 9.0) -> list[str]:
    """Return what *pieces*, *gap* seconds apart, are: names of keys, and texts of pastes."""
    terminal, now = TerminalInput(), 100.0
    found: list[Message] = []
    for piece in pieces:
        found += terminal.idle(now)
        found += terminal.read(piece if isinstance(piece, bytes) else piece.encode(), now)
        now += gap
    found += terminal.idle(now + wait)
    return [told(one) for one in found if isinstance(one, events.Key | events.Paste)]


def told(event: events.Key | events.Paste) -> str:
    return event.key if isinstance(event, events.Key) else f"paste {event.text}"


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1bcx\x1bn", ["alt+c", "x", "alt+n"]),
        ("\x1bN", ["alt+n"]),
        ("\x1bP", ["alt+p"]),
        ("\x1bт", ["alt+n"]),
        ("\x1bא", ["alt+t"]),
        ("\x1b[A", ["up"]),
        ("\x1bOP", ["f1"]),
        ("\x1b[1;3A", ["alt+up"]),
        ("\x1b\x1b[A", ["alt+up"]),
        ("\x1b\x1bOB", ["alt+down"]),
        ("\x1b", ["escape"]),
        ("\x1b\x1b", ["escape", "escape"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b[127;2u", ["backspace"]),
        ("\x1b[27;2;13~", ["shift+enter"]),
        ("\x1b[110;67u", ["alt+n"]),
        ("\x1b[1090::110;3u", ["alt+n"]),
        ("\x1b[1083::107;5u", ["ctrl+k"]),
        ("\x1b[97;1:3u", []),
        ("\x1b[97;1:2u", ["a"]),
        ("\x1b[1;129A", ["up"]),
        ("\x1b[1;1:3A", []),
        ("\x1b[0;;12371:12435:12395:12385:12399u", list("こんにちは")),
        ("\x1b[57400;129;49u", ["1"]),
        ("\x1bOj\x1bOM", ["asterisk", "enter"]),
        ("\x1b[3$", ["shift+delete"]),
        ("\x1b[[A", ["f1"]),
    ],
)
def test_a_key_is_the_same_key_however_a_terminal_reports_it(sent: str, keys: list[str]) -> None:
    assert read(sent) == keys


@pytest.mark.parametrize("character", "\u3000\xa0\u202f\u200d\u200c\u200f👨😀")
def test_whatever_is_typed_types(character: str) -> None:
    (key,) = TerminalInput().read(character.encode(), 0.0)
    assert isinstance(key, events.Key)
    assert (key.character, key.is_printable) == (character, True)


def test_bytes_that_are_no_utf_8_are_shown() -> None:
    found = TerminalInput().read(b"\xe4\xf6\xc3", 0.0)
    assert [one.character for one in found if isinstance(one, events.Key)] == ["\ufffd", "\ufffd"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_never_keys_wherever_it_is_cut(answer: str) -> None:
    assert read(f"{answer}x") == ["x"]
    for at in range(2, len(answer)):
        assert read(answer[:at], answer[at:] + "x", gap=CUT_DELAY * 0.9) == ["x"], at
    assert read("\x1b", answer[1:] + "x", gap=ESCAPE_DELAY * 2)[-1] == "x"


@pytest.mark.parametrize("cut", ["\x1b]11;rgb", "\x1b[?62;2", "\x1bP1$r", "\x1b[<1;2"])
def test_an_answer_without_its_end_deadens_no_keyboard(cut: str) -> None:
    assert read(cut, "x", gap=CUT_DELAY * 1.1) == ["x"]
    assert read(f"{cut}\x1b[A") == ["up"]


@pytest.mark.parametrize("sent", ["\x1b[1114112u", "\x1b[97;;9999999999u", "\x1b[55296;5u"])
def test_what_is_no_key_is_dropped(sent: str) -> None:
    assert read(f"{sent}x") == ["x"]


def test_what_a_stopped_console_reads_late_is_whole() -> None:
    terminal = TerminalInput()
    assert not terminal.read(b"\x1b]11;rgb:ff", 0.0)
    assert not terminal.read(b"/ff/ff\x1b\\", 100.0)
    assert not terminal.read(b"\x1b[", 200.0)
    assert [told(key) for key in terminal.read(b"A", 300.0) if isinstance(key, events.Key)] == [
        "up"
    ]


def test_malformed_sequences_are_counted() -> None:
    terminal = TerminalInput()
    assert not terminal.read(b"\x1b[1114112u\x1b[97;;9999999999u", 0.0)
    assert terminal.dropped == 2


@given(
    st.lists(
        st.sampled_from(
            [
                "\x1b",
                "[",
                "<",
                ";",
                ":",
                "9",
                "1",
                "u",
                "M",
                "~",
                "t",
                "]",
                "P",
                "O",
                "\x07",
                "\\",
                "\r",
                "x",
                "R",
                "$",
                "?",
                "é",
            ]
        )
    )
)
def test_nothing_that_a_terminal_sends_ends_the_parser(sent: list[str]) -> None:
    terminal = TerminalInput()
    terminal.read("".join(sent).encode(), 0.0)
    list(terminal.idle(PASTE_DELAY * 2))
    assert read("x", "\x1b[A") == ["x", "up"]
    assert [one for one in terminal.read(b"\x1b[Bz", 9.0) if isinstance(one, events.Key)][
        -1
    ].key == "z"


def test_an_escape_in_a_paste_does_not_end_it() -> None:
    pasted = "one\x1b[31m\r\x1bctwo"
    assert read(f"{PASTE}{pasted}{PASTE_END}\x1bc") == ["paste one[31m\rctwo", "alt+c"]


@given(st.text("\x1b[201~c\r", max_size=30), st.integers(1, 5))
def test_a_paste_is_the_same_in_any_pieces(pasted: str, size: int) -> None:
    whole = PASTE + pasted + PASTE_END
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert read(*pieces) == read(whole)


@pytest.mark.parametrize(("ending", "gap"), [("x", PASTE_DELAY * 1.1), ("\x1b", 0.0)])
def test_a_paste_whose_end_is_lost_ends_by_itself_or_by_escape(ending: str, gap: float) -> None:
    keys = read(f"{PASTE}many words that were pasted", ending, "y", gap=max(gap, ESCAPE_DELAY * 2))
    assert keys[0] == "paste many words that were pasted"
    assert keys[-1] == "y"


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("a\rb\rc\r", ["paste a\nb\nc\n"]),
        (f"{'a' * 30}\r{'b' * 30}", [f"paste {'a' * 30}\n{'b' * 30}"]),
        ("ok\rso", ["o", "k", "enter", "s", "o"]),
        ("a\rb\x7f\rc\r", ["a", "enter", "b", "backspace", "enter", "c", "enter"]),
        ("one long line of many words, and its end\r", None),
    ],
)
def test_lines_that_come_faster_than_fingers_are_a_paste(sent: str, keys: list[str] | None) -> None:
    found = read(sent)
    assert found == keys if keys else found[-1] == "enter"


def test_the_rest_of_a_paste_without_marks_is_a_paste() -> None:
    assert read("a\rb\rc", "d\r", gap=0.01) == ["paste a\nb\nc", "paste d\n"]


def test_textual_still_needs_this_parser() -> None:
    """Once this fails, Textual consumes answers whole, and the parser may do less."""
    typed = [one for one in XTermParser().feed("\x1b]11;rgb:ff/ff/ff\x1b\\") if one]
    assert any(isinstance(one, events.Key) for one in typed)
    with pytest.raises((OverflowError, ValueError)):
        list(XTermParser().feed("\x1b[1114112u"))
