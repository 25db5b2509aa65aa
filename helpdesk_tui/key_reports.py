"""Key reports of terminals: kitty's protocol, modifyOtherKeys, Alt, and other layouts. Pure."""

import re
from collections.abc import Iterator
from string import ascii_lowercase

from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.events import Key
from textual.keys import KEY_NAME_REPLACEMENTS, _character_to_key

KEY_REPORT = re.compile(
    r"\x1b\[(?P<code>\d*)(?P<alternates>(?::\d*)*)"
    r"(?:;(?P<modifiers>\d*)(?::(?P<event>\d*))?)?(?:;(?P<text>[\d:]*))?(?P<end>[u~ABCDEFHPQS])"
)
"""A key in kitty's protocol, which includes the older reports of keys with modifiers."""
OTHER_KEY_REPORT = re.compile(r"\x1b\[27;(?P<modifiers>\d+);(?P<code>\d+)~")
"""A key as xterm reports it with modifyOtherKeys."""
RELEASED = "3"
SHIFT, ALT, CTRL = 1, 2, 4
HELD = {CTRL: "ctrl", ALT: "alt", SHIFT: "shift", 8: "super", 16: "hyper", 32: "meta"}
"""Names of modifiers by their bit; CapsLock (64) and NumLock (128) are none that an action has."""
COMMAND = ~(SHIFT | 64 | 128)
SHIFT_ALONE_IS_NONE = {"backspace", "space", "escape", "delete"}
"""Keys on which a finger may still hold Shift from the letter before."""
CONTROLS = {9: "tab", 13: "enter", 27: "escape", 32: "space", 127: "backspace"}
PRIVATE = range(0xE000, 0xF900)
"""Code points of keys that type nothing, in kitty's protocol."""

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_LAYOUTS = {
    "Russian": "йцукенгшщзхъфывапролджэячсмитьбю",
    "Ukrainian": "йцукенгшщзхїфівапролджєячсмитьбю",
    "Greek": ";ςερτυθιοπ[]ασδφγηξκλ~'ζχψωβνμ,.",
    "Hebrew": "/'קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ",
}
LATIN_BY_KEY = {
    typed: latin
    for layout in _LAYOUTS.values()
    for own, key in zip(layout, _LATIN, strict=True)
    if own.isalpha()
    for typed, latin in ((own, key), (own.upper(), key.upper()))
}
"""The Latin character on the key that types a letter in another layout, with and without Shift."""


class TextKey(Key):
    """A key that types its character, whatever Python calls printable.

    To Textual, a key that types a full-width or no-break space, a joiner, or an emoji newer than
    Python's tables types nothing.
    """

    @property
    def is_printable(self) -> bool:
        """True: it types."""
        return True


TextKey.handler_name = Key.handler_name


def text_keys(text: str) -> Iterator[Key]:
    """Yield the keys that type *text*, none of it a control character."""
    for character in text:
        yield TextKey(_name(character), character)


def same_key(name: str) -> Iterator[str]:
    """Yield the names of the key *name* on a Latin layout, and with CapsLock the other way."""
    if name == "ideographic_space":
        yield "space"
    elif len(name) == 1 and name not in ascii_lowercase:
        latin = LATIN_BY_KEY.get(name, name)
        for one in (latin, latin.swapcase()):
            yield _name(one)


def alt_key(character: str) -> Key:
    """Return Alt with the key of *character*; CapsLock, Shift and layout make no difference."""
    return Key(f"alt+{_name(LATIN_BY_KEY.get(character, character).lower())}", None)


def reported_keys(sequence: str) -> list[Key] | None:
    """Return the keys of the report *sequence*, none if it is of a release; None: it is no report.

    Raise :exc:`ValueError` or :exc:`OverflowError` if it reports what can be no key.
    """
    if found := OTHER_KEY_REPORT.fullmatch(sequence):
        return _keys(int(found["code"]), int(found["modifiers"]) - 1, "", "u")
    if not (found := KEY_REPORT.fullmatch(sequence)):
        return None
    if found["event"] == RELEASED:
        return []
    code, modifiers = int(found["code"] or 1), int(found["modifiers"] or 1) - 1
    text = "".join(chr(int(part)) for part in (found["text"] or "").split(":") if part)
    base = found["alternates"].split(":")[2:]
    if base and base[0] and code > 127:
        code = int(base[0])
    return _keys(code, modifiers, text, found["end"])


def _keys(code: int, modifiers: int, text: str, end: str) -> list[Key]:
    if text and not modifiers & COMMAND:
        typed = "".join(filter(is_typed, text))
        if typed:
            return list(text_keys(typed))
    name = FUNCTIONAL_KEYS.get(f"{code}{end}", "")
    if end == "u" and not name:
        name = CONTROLS.get(code, "")
    if not name and (end != "u" or code in PRIVATE or not is_typed(chr(code))):
        return []
    if not name and not modifiers & COMMAND:
        return list(text_keys(chr(code).upper() if modifiers & SHIFT else chr(code)))
    name = name or _name(LATIN_BY_KEY.get(chr(code), chr(code)).lower())
    if name in SHIFT_ALONE_IS_NONE and not modifiers & COMMAND:
        modifiers = 0
    held = sorted(word for bit, word in HELD.items() if modifiers & bit)
    character = None if held else {"space": " ", "enter": "\r", "tab": "\t"}.get(name)
    return [Key("+".join([*held, name]), character)]


def _name(character: str) -> str:
    """Return Textual's name of the key that types *character*."""
    name = character if character.isalnum() else _character_to_key(character)
    return KEY_NAME_REPLACEMENTS.get(name, name)


def is_typed(character: str) -> bool:
    """Return whether *character* is text: neither a control character nor half of one."""
    return character >= " " and not "\x7f" <= character <= "\x9f" and character not in _SURROGATES


_SURROGATES = frozenset(map(chr, range(0xD800, 0xE000)))
