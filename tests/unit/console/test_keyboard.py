"""Keyboard input: bytes become keys, in whatever pieces they arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_tui.terminal import PASTE, PASTE_END, Keyboard


def read(*pieces: bytes) -> str:
    keyboard = Keyboard()
    return "".join(keyboard.decode(piece) for piece in pieces)


def test_alt_with_a_letter_is_one_key_whatever_follows_at_once() -> None:
    assert read(b"\x1bcx\x1bn") == "\x1b[99;3ux\x1b[110;3u"


@pytest.mark.parametrize("sequence", [b"\x1b[A", b"\x1bOP", b"\x1b[1;3A", b"\x1b", b"\x1b\x1b"])
def test_other_sequences_stay_as_they_are(sequence: bytes) -> None:
    assert read(sequence) == sequence.decode()


def test_bytes_that_are_no_utf_8_are_shown() -> None:
    assert read(b"\xe4\xf6", "ü".encode()) == "\ufffd\ufffdü"


def test_an_escape_in_a_paste_does_not_end_it() -> None:
    pasted = b"one\x1b[31m\r\x1bctwo"
    assert read(PASTE.encode() + pasted + PASTE_END.encode() + b"\x1bc") == (
        f"{PASTE}one[31m\rctwo{PASTE_END}\x1b[99;3u"
    )


@given(st.text("\x1b[201~c\r", max_size=30), st.integers(1, 5))
def test_a_paste_is_the_same_in_any_pieces(pasted: str, size: int) -> None:
    whole = (PASTE + pasted + PASTE_END).encode()
    pieces = [whole[at : at + size] for at in range(len(PASTE), len(whole), size)]
    assert read(PASTE.encode(), *pieces) == read(whole)
    assert "\x1b" not in read(whole).removeprefix(PASTE).split(PASTE_END)[0]
