"""A key has one name however people write it, and none if terminals send it as another key."""

import pytest

from helpdesk_tui.keys import KEYS, KeyRefused, display, is_typed, key_name


@pytest.mark.parametrize(
    ("given", "name", "read"),
    [
        ("a", "a", "a"),
        ("G", "G", "G"),
        ("shift+g", "G", "G"),
        ("Ctrl+K", "ctrl+k", "Ctrl+K"),
        (" alt + N ", "alt+n", "Alt+N"),
        ("Ctrl+Alt+Left", "alt+ctrl+left", "Alt+Ctrl+←"),
        ("shift+ctrl+F4", "ctrl+shift+f4", "Ctrl+Shift+F4"),
        ("Shift+Tab", "shift+tab", "Shift+Tab"),
        ("Esc", "escape", "Esc"),
        ("Return", "enter", "Enter"),
        ("PgUp", "pageup", "PgUp"),
        ("Del", "delete", "Delete"),
        ("Alt+↓", "alt+down", "Alt+↓"),
        ("?", "question_mark", "?"),
        ("/", "slash", "/"),
        ("slash", "slash", "/"),
        ("comma", "comma", ","),
        ("+", "plus", "+"),
        ("Ctrl+\\", "ctrl+backslash", "Ctrl+\\"),
        ("ctrl+_", "ctrl+underscore", "Ctrl+_"),
    ],
)
def test_a_key_has_one_name_however_it_is_written(given: str, name: str, read: str) -> None:
    assert (key_name(given), display(name)) == (name, read)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ctrl+i", "as Tab"),
        ("Ctrl+M", "as Enter"),
        ("ctrl+h", "as Backspace"),
        ("ctrl+[", "as Esc"),
        ("alt+enter", "as Enter"),
        ("ctrl+tab", "as Tab"),
        ("ctrl+space", "as Space"),
        ("ctrl+shift+k", r"as Ctrl\+K"),
        ("alt+ctrl+k", r"as Esc and Ctrl\+K"),
        ("alt+1", "as another key"),
        ("alt+.", "as another key"),
        ("ctrl+1", "as another key"),
        ("alt+shift+k", "as another key"),
        ("shift+1", "as another key"),
    ],
)
def test_what_a_terminal_sends_as_another_key_is_refused(given: str, said: str) -> None:
    with pytest.raises(KeyRefused, match=f"{said}; take one such as"):
        key_name(given)


@pytest.mark.parametrize("given", ["", "+ +", "ctrl+", "a+", "super+k", "hyper+x", "f99", "no"])
def test_what_is_no_key_is_refused(given: str) -> None:
    with pytest.raises(KeyRefused, match="is no key; keys are such as"):
        key_name(given)


@pytest.mark.parametrize("name", sorted({name for key in KEYS for name in key.keys.split(",")}))
def test_every_key_of_the_console_is_told_apart_by_terminals_and_shown_as_it_may_be_written(
    name: str,
) -> None:
    assert key_name(name) == key_name(display(name)) == name


def test_what_puts_a_character_into_a_text_is_typed() -> None:
    assert all(map(is_typed, ["a", "slash", "space", "plus", "ü"]))
    assert not any(map(is_typed, ["tab", "enter", "f4", "alt+n", "escape", "delete"]))
