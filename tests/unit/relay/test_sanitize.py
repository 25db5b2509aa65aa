"""Sanitizing of strings from outside: promise 5 of the protocol."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.sanitize import URL_LIMIT, clean_line, clean_text, clean_url
from tests.unit.relay.search import few

CONTROLS = "".join(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)))
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

hostile = st.text(
    st.one_of(
        st.sampled_from("ab \t\u3000\u00a0é😀" + CONTROLS + BIDI + BREAKS),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Hello", "Hello"),
        ("", ""),
        (" \t\n Hello \n\t ", "Hello"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("one\r\ntwo\rthree\n\rfour", "one\ntwo\nthree\n\nfour"),
        ("a\x00b\x1b[31mc\x7fd\x9be", "ab[31mcde"),
        ("\x00 \x1b", ""),
        ("a\u202eb\u2066c", "a\u202eb\u2066c"),  # a text keeps its direction; who shows it cares
        ("a\u2028b", "a\u2028b"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("<script>'; DROP TABLE", "<script>'; DROP TABLE"),
        ("\u00a0\u3000x\u00a0", "x"),
    ],
)
def test_a_text_is_kept_as_it_was_written_but_for_controls_and_outer_space(
    written: str, kept: str
) -> None:
    assert clean_text(written) == kept


def test_a_line_holds_no_control_no_break_and_nothing_that_turns_it() -> None:
    assert clean_line(f"a{CONTROLS}{BIDI}{BREAKS}b") == "ab"
    assert clean_line("  Ada Lovelace  ") == "Ada Lovelace"
    assert clean_line(BIDI + " ") == ""


@given(hostile)
@few
def test_cleaning_a_text_twice_is_cleaning_it_once(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned == cleaned.strip()
    assert [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\n\t"] == []


@given(hostile)
@few
def test_what_is_no_control_stays_in_its_place(text: str) -> None:
    visible = [c for c in text if unicodedata.category(c) != "Cc"]
    kept = [c for c in clean_text(text) if unicodedata.category(c) != "Cc"]
    assert "".join(kept).strip() == "".join(visible).strip()


@given(hostile)
@few
def test_cleaning_a_line_twice_is_cleaning_it_once(text: str) -> None:
    cleaned = clean_line(text)
    assert clean_line(cleaned) == cleaned == cleaned.strip()
    assert set(cleaned).isdisjoint(CONTROLS + BIDI + BREAKS)
    assert cleaned.splitlines() in ([], [cleaned])


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/cart?a=1#top",
        "http://localhost:8080",
        "HTTPS://SHOP.EXAMPLE/",
        "https://münchen.example/ü",
        "http://[::1]/",
        "https://x/" + "a" * (URL_LIMIT - 10),
    ],
)
def test_a_web_address_is_kept(url: str) -> None:
    assert clean_url(url) == url
    assert clean_url(f"\u202e {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/cart",
        "/cart",
        "//shop.example/cart",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "https:",
        "https:///cart",
        "http://[::1",
        "https://x/" + "a" * (URL_LIMIT - 9),
    ],
)
def test_what_is_no_web_address_is_dropped(url: str) -> None:
    assert clean_url(url) is None


@given(st.one_of(hostile, hostile.map(lambda text: f"https://{text}")))
@few
def test_an_address_that_is_kept_is_a_clean_line(text: str) -> None:
    url = clean_url(text)
    assert url is None or (url == clean_line(text) and len(url) <= URL_LIMIT)
