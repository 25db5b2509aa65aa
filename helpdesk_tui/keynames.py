"""How a key is called: as people write it, as Textual knows it, and as it is shown.

Only keys that every terminal tells apart have a name here; what is refused says what to take
instead.
"""

import re
import string

from textual.keys import Keys, _character_to_key, key_to_character

SIGNS = {
    **{"enter": "Enter", "escape": "Esc", "tab": "Tab", "space": "Space", "backspace": "Backspace"},
    **{"up": "↑", "down": "↓", "left": "←", "right": "→", "home": "Home", "end": "End"},
    **{"pageup": "PgUp", "pagedown": "PgDn", "delete": "Delete", "insert": "Insert"},
}
NAMES = {key.value for key in Keys if "+" not in key.value}
CHARACTERS = {_character_to_key(character): character for character in string.punctuation}
"""Characters by Textual's names of their keys."""
WRITTEN = {sign.casefold(): name for name, sign in SIGNS.items()} | CHARACTERS
WRITTEN |= {"return": "enter", "del": "delete", "ins": "insert"}
"""How people write keys besides Textual's names, and how they may write a character."""
MODIFIERS = {"alt", "ctrl", "shift"}
ALONE = {"backspace", "enter", "escape", "space", "tab"}
"""Keys that many terminals send as they are, whatever is held down with them."""
APART = {"shift+tab", "shift+enter"}
"""The exceptions; the second is told apart by some, and breaks the line there."""
CONTROLS = {"h": "Backspace", "i": "Tab", "m": "Enter", "[": "Esc"}
"""What Ctrl makes of a character, in a terminal, if that is another key's."""
CTRL_CHARACTERS = "\\]^_"
_PARTS = re.compile(r"(?:(.*)\+)?(.+)", re.DOTALL)


class KeyRefused(Exception):  # noqa: N818 - as other refusals
    """A key that cannot be given; the text is the end of a sentence, with the remedy."""


def key_name(given: str) -> str:
    """Return Textual's name of the key that people write as *given*, as Textual orders it.

    Case and order do not matter, but for a letter alone: ``Shift+a`` is ``A``. Raise
    :exc:`KeyRefused` if it is no key, or one that terminals send as another.
    """
    parts = _PARTS.fullmatch(given.strip().replace(" ", ""))
    head, last = parts.groups() if parts else (None, "")
    held = [] if head is None else head.casefold().split("+")
    if len(last) > 1 or (held and last in string.ascii_letters):
        last = last.lower()
    last = WRITTEN.get(last, last)
    if not (len(last) == 1 or last in NAMES) or not MODIFIERS.issuperset(held):
        raise KeyRefused(f"`{given}` is no key; keys are such as a, ctrl+k, alt+n, f4.")
    if held == ["shift"] and last in string.ascii_lowercase:
        held, last = [], last.upper()
    held = sorted(set(held))
    name = "+".join([*held, _character_to_key(last) if len(last) == 1 else last])
    if other := _sent_as(held, last, name):
        raise KeyRefused(f"many terminals send `{given}` as {other}; take one such as alt+k.")
    return name


def shown(name: str) -> str:
    """Return the name of a key as people read it."""
    *held, last = name.split("+")
    character = _character(last)
    last = SIGNS.get(last) or (character.upper() if held else character) or last.upper()
    return "+".join([*(part.capitalize() for part in held), last])


def is_typed(name: str) -> bool:
    """Return whether the key *name* puts a character into a text."""
    return bool(_character(name))


def _character(name: str) -> str:
    character = CHARACTERS.get(name) or key_to_character(name) or ""
    return character if character.isprintable() else ""


def _sent_as(held: list[str], last: str, name: str) -> str:
    """Return what a plain terminal sends for *last* with *held* down, if it is another key."""
    if not held or name in APART or (len(last) > 1 and last not in ALONE):
        return ""
    letter = last in string.ascii_lowercase
    match held:
        case ["ctrl"] if last in CONTROLS:
            return CONTROLS[last]
        case ["ctrl"] if letter or last in CTRL_CHARACTERS:
            return ""
        case ["alt"] if letter:
            return ""
        case ["ctrl", "shift"] if letter:
            return shown(f"ctrl+{last}")
        case ["alt", "ctrl"] if letter:
            return f"Esc and {shown(f'ctrl+{last}')}"
        case _:
            return SIGNS[last] if last in ALONE else "another key"
