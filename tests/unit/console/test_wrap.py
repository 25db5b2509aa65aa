"""Lines fit, and no word is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, chop_cells

from helpdesk_tui.wrap import cut, fit, wrap

WORDS = st.text(st.sampled_from("ab 你👍é\n"), max_size=80)


@settings(max_examples=40)
@given(WORDS, st.integers(2, 30))
def test_every_line_fits(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width))


@settings(max_examples=40)
@given(WORDS, st.integers(2, 30))
def test_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab "), max_size=60), st.integers(2, 12))
def test_the_fast_way_breaks_where_the_thorough_one_does(text: str, width: int) -> None:
    thorough = wrap(text.replace("a", "é"), width)
    assert wrap(text, width) == [line.replace("é", "a") for line in thorough]


def test_it_breaks_between_words_and_a_long_word_where_it_must() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("see https://example.org/a", 8) == ["see", "https://", "example.", "org/a"]
    assert wrap("a\n\nb", 8) == ["a", "", "b"]


def test_a_long_word_of_wide_characters_is_cut_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def chop(text: str, width: int) -> list[str]:
        asked.append(len(text))
        return chop_cells(text, width)

    monkeypatch.setattr("helpdesk_tui.wrap.chop_cells", chop)
    assert wrap("see " + "你" * 501 + " a", 4) == ["see", *["你你"] * 250, "你 a"]
    assert asked == [501]


@settings(max_examples=40)
@given(WORDS, st.integers(0, 30))
def test_fit_gives_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text.replace("\n", " "), width)) == width


@pytest.mark.parametrize(("width", "shown"), [(5, "hello"), (4, "hel…"), (1, "…"), (0, "")])
def test_what_is_cut_says_so(width: int, shown: str) -> None:
    assert cut("hello", width) == shown
