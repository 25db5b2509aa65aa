"""The terminal profile of the sanitizer leaves nothing that a terminal obeys."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.sanitize import NAME_LIMIT, REPLACEMENT, printable_cell, printable_line, printable_text

JOINERS = {"\u200c", "\u200d"}
OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}

# Any text, with the dangerous parts of Unicode as likely as all the rest.
HOSTILE = st.text(st.one_of(st.characters(), st.characters(categories=["Cc", "Cf", "Cs", "Mn"])))

PAYLOADS = {
    "colour": ("\x1b[31mred", f"{REPLACEMENT}[31mred"),
    "cursor": ("\x1b[2J\x1b[Hgone", f"{REPLACEMENT}[2J{REPLACEMENT}[Hgone"),
    "clipboard": ("\x1b]52;c;aGk=\x07", f"{REPLACEMENT}]52;c;aGk={REPLACEMENT}"),
    "title, ended by ST": ("\x1b]0;evil\x1b\\", f"{REPLACEMENT}]0;evil{REPLACEMENT}\\"),
    "unterminated OSC": (
        "\x1b]8;;http://x and all the rest",
        f"{REPLACEMENT}]8;;http://x and all the rest",
    ),
    "C1 CSI": ("\x9b31mred", f"{REPLACEMENT}31mred"),
    "C1 OSC and ST": ("\x9d52;c;aGk=\x9c", f"{REPLACEMENT}52;c;aGk={REPLACEMENT}"),
    "NUL, ENQ, SO, SI, DEL": ("a\x00\x05\x0e\x0f\x7fb", f"a{REPLACEMENT}b"),
    "back space": ("good\x08\x08\x08\x08evil", f"good{REPLACEMENT}evil"),
    "carriage return": ("first\rsecond\r\nthird", "first\nsecond\nthird"),
    "override": ("\u202egnp.exe\u202c", f"{REPLACEMENT}gnp.exe{REPLACEMENT}"),
    "isolate": ("\u2067abc\u2069", f"{REPLACEMENT}abc{REPLACEMENT}"),
    "direction marks": ("a\u200e\u200f\u061cb", "ab"),
    "zero width": ("pay\u200bpal\ufeff\u00ad", "paypal"),
    "tag characters": ("x\U000e0041\U000e007f", f"x{REPLACEMENT}"),
    "line separators": ("a\u2028b\u2029c", "a\nb\nc"),
    "lone surrogate": ("a\ud800b", f"a{REPLACEMENT}b"),
    "tab": ("a\tb", "a   b"),
    "piled marks": ("a" + "\u0301" * 500, "a" + "\u0301" * 4),
    "piled marks of other scripts": ("\u0e01" + "\u0e49" * 9, "\u0e01" + "\u0e49" * 4),
    "piled marks and joiners": ("a" + "\u0301\u200d" * 9, "a" + "\u0301\u200d" * 4 + "\u200d" * 5),
    "markup stays text": ("[/b] [@click=app.quit]x[/]", "[/b] [@click=app.quit]x[/]"),
    "families, flags, Persian": ("👨‍👩‍👧 🇺🇦 می‌خواهم", "👨‍👩‍👧 🇺🇦 می‌خواهم"),
}


@pytest.mark.parametrize(("payload", "shown"), PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_payload_becomes_harmless_text(payload: str, shown: str) -> None:
    assert printable_text(payload) == shown


@settings(max_examples=40)
@given(HOSTILE)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    kept = set(printable_text(text)) - JOINERS - {"\n"}
    assert {unicodedata.category(character) for character in kept}.isdisjoint(OBEYED)


@settings(max_examples=40)
@given(HOSTILE)
def test_a_line_stays_a_line_of_bounded_length(text: str) -> None:
    line = printable_line(text)
    assert "\n" not in line
    assert len(line) <= NAME_LIMIT + 1


@settings(max_examples=40)
@given(HOSTILE)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    assert printable_text(printable_text(text)) == printable_text(text)


@settings(max_examples=40)
@given(HOSTILE)
def test_the_guard_lets_only_printable_text_pass(text: str) -> None:
    kept = set(printable_cell(text)) - JOINERS
    assert {unicodedata.category(character) for character in kept}.isdisjoint(OBEYED)


def test_a_text_that_is_too_long_is_cut_visibly() -> None:
    assert printable_text("x" * 30, limit=10) == "x" * 10 + "…"
