"""The key map: each action's key, help text and binding, and agents' changes to it."""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, key_to_character
from textual.widgets import Input, TextArea

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
"""Textual's names by the other ways in which people write keys."""
MODIFIERS = {"alt", "ctrl", "shift"}
ALONE = {"backspace", "enter", "escape", "space", "tab"}
"""Keys that many terminals send alike, whichever modifiers are held down."""
APART = {"shift+tab", "shift+enter"}
"""The exceptions; only some terminals tell the second apart, and it breaks the line there."""
CONTROLS = {"h": "Backspace", "i": "Tab", "m": "Enter", "[": "Esc"}
"""Keys by the character with which Ctrl sends the same byte in a terminal."""
CTRL_CHARACTERS = "\\]^_"
_PARTS = re.compile(r"(?:(.*)\+)?(.+)", re.DOTALL)


class KeyRefused(Exception):  # noqa: N818 - as other refusals
    """A key that cannot be assigned; the text is the end of a sentence, with the remedy."""


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


def display(name: str) -> str:
    """Return the name of a key as people read it."""
    *held, last = name.split("+")
    character = _character(last)
    last = SIGNS.get(last) or (character.upper() if held else character) or last.upper()
    return "+".join([*(part.capitalize() for part in held), last])


def is_typed(name: str) -> bool:
    """Return whether the key *name* types a character."""
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
            return display(f"ctrl+{last}")
        case ["alt", "ctrl"] if letter:
            return f"Esc and {display(f'ctrl+{last}')}"
        case _:
            return SIGNS[last] if last in ALONE else "another key"


class Scope(Enum):
    """The place in which a key works; the value is its table in the settings file."""

    LIST = "list"
    WRITING = "writing"
    EVERYWHERE = "everywhere"


TITLES = {
    Scope.LIST: "In the request list",
    Scope.WRITING: "While writing",
    Scope.EVERYWHERE: "Everywhere",
}


@dataclass(frozen=True, slots=True)
class Key:
    """An action and its keys in a scope.

    ``name`` is what the settings file calls it. ``label`` is what the line at the bottom calls it,
    if it is to show it.
    """

    scope: Scope
    name: str
    keys: str
    action: str
    help: str
    label: str = ""

    @property
    def id(self) -> str:
        """The name of the key among all."""
        return f"{self.scope.value}.{self.name}"

    @property
    def display(self) -> str:
        """The keys as people read them."""
        return " ".join(map(display, self.keys.split(",")))


class KeysRefused(Exception):  # noqa: N818 - as other refusals
    """Keys of the settings that cannot be assigned; the text is a sentence."""


def _list(name: str, keys: str, action: str, text: str, label: str = "") -> Key:
    return Key(Scope.LIST, name, keys, action, text, label)


def _writing(name: str, keys: str, action: str, text: str, label: str = "") -> Key:
    return Key(Scope.WRITING, name, keys, action, text, label)


def _everywhere(name: str, keys: str, action: str, text: str, label: str = "") -> Key:
    return Key(Scope.EVERYWHERE, name, keys, action, text, label)


KEYS: tuple[Key, ...] = (
    _list("open", "enter", "app.open", "open the request and write", "open"),
    _list("look", "space", "app.look", "look at it, and mark nothing as read", "look"),
    _list("down", "down,j", "move(1)", "next request"),
    _list("up", "up,k", "move(-1)", "previous request"),
    _list("first", "home,g", "move(-1000000)", "first request"),
    _list("last", "end,G", "move(1000000)", "last request"),
    _list("page_down", "pagedown", "page(1)", "a page down"),
    _list("page_up", "pageup", "page(-1)", "a page up"),
    _list("fold", "z", "fold", "fold the section of the marked row, or unfold it"),
    _list("filter", "slash", "app.filter", "show only requests with some words", "filter"),
    _list("next", "n", "app.next", "open the next request that needs you", "next"),
    _list("back", "b", "app.previous", "back to the request that was open before"),
    _list("claim", "a", "app.claim", "claim: the request is yours", "claim"),
    _list("release", "r", "app.release", "release: back to the queue"),
    _list("transfer", "t", "app.transfer", "transfer to a colleague, with a note"),
    _list("tag", "T", "app.tag", "put a tag on, or take one off"),
    _list("close", "e", "app.end", "close the request", "close"),
    _list("reopen", "o", "app.reopen", "reopen a closed request"),
    _list("unread", "u", "app.unread", "let it count as unread, for you"),
    _list("copy", "y", "app.copy_message", "copy a message of the open request"),
    _list("closed", "c", "app.closed", "show or hide what was closed lately"),
    _list("help", "question_mark", "app.help", "this help"),
    _writing("send", "enter", "send", "send", "send"),
    _writing("newline", "ctrl+j,shift+enter", "newline", "break the line", "new line"),
    _writing("leave", "escape", "app.leave", "to the list; the draft stays", "list"),
    _writing("canned", "slash", "app.canned", "in an empty composer: a canned response", "canned"),
    _writing("scroll_up", "pageup", "app.scroll(-1)", "scroll the conversation back"),
    _writing("scroll_down", "pagedown", "app.scroll(1)", "scroll the conversation on"),
    _everywhere("note", "alt+n", "app.note", "write a note for agents only, or an answer", "note"),
    _everywhere("claim", "alt+c", "app.claim", "claim the open request"),
    _everywhere("release", "alt+r", "app.release", "release the open request"),
    _everywhere("transfer", "alt+t", "app.transfer", "transfer the open request, with a note"),
    _everywhere("tag", "alt+g", "app.tag", "tag the open request"),
    _everywhere("close", "alt+e", "app.end", "close the open request"),
    _everywhere("reopen", "alt+o", "app.reopen", "reopen the open request"),
    _everywhere("next_needing", "alt+a", "app.next", "open the next request that needs you"),
    _everywhere("back", "alt+s", "app.previous", "back to the request that was open before"),
    _everywhere("below", "alt+down", "app.open_beside(1)", "open the next request of the list"),
    _everywhere("above", "alt+up", "app.open_beside(-1)", "open the previous request of the list"),
    _everywhere("switch", "ctrl+k", "app.switch", "find a request and open it", "find"),
    _everywhere("first_unread", "alt+u", "app.first_unread", "to the first unread message"),
    _everywhere("scroll_up", "alt+pageup", "app.scroll(-1)", "scroll the conversation back"),
    _everywhere("scroll_down", "alt+pagedown", "app.scroll(1)", "scroll the conversation on"),
    _everywhere("newest", "alt+end", "app.newest", "to the end of the conversation"),
    _everywhere("links", "alt+l", "app.links", "links: copy or open one"),
    _everywhere("copy", "alt+y", "app.copy_message", "copy a message"),
    _everywhere("bare", "f8", "app.bare", "bare text, for the terminal's own selection"),
    _everywhere("emoji", "alt+m", "app.emoji", "an emoji by name"),
    _everywhere("editor", "f4", "app.edit_outside", "write in $EDITOR"),
    _everywhere("retry", "alt+d", "app.retry", "send what failed again"),
    _everywhere("edit", "alt+b", "app.edit_failed", "edit what failed"),
    _everywhere("info", "f3", "app.info", "the customer: page, browser, earlier requests", "info"),
    _everywhere("numbers", "f9", "app.numbers", "the desk in numbers"),
    _everywhere("hide_list", "f2", "app.hide_list", "hide or show the list"),
    _everywhere("away", "f10", "app.away", "be away, or online again"),
    _everywhere("pane", "tab", "app.focus_next", "to the next pane"),
    _everywhere("redraw", "ctrl+l", "app.redraw", "draw the screen again"),
    _everywhere("call", "f5", "app.reconnect", "offline: call the relay now"),
    _everywhere("palette", "ctrl+p", "app.palette", "every action by name", "actions"),
    _everywhere("colours", "alt+p", "app.colours", "other colours, for this session"),
    _everywhere("mouse", "f12", "app.mouse", "leave the mouse to the terminal, or take it again"),
    _everywhere("help", "f1", "app.help", "this help", "help"),
    _everywhere("quit", "ctrl+q", "app.quit", "quit; what is unsent is kept", "quit"),
)
OPENING = {"switch", "palette"}
"""Actions that open a dialog from anywhere, but over no other dialog."""
OVERTAKING = {"everywhere.quit", *(f"everywhere.{name}" for name in OPENING)}
"""Keys with priority over a focused text field, which would handle some itself."""
EDITING = {
    name
    for field in (TextArea, Input)
    for binding in field.BINDINGS
    if isinstance(binding, Binding)
    for name in binding.key.split(",")
} - {name for key in KEYS for name in key.keys.split(",") if key.scope is not Scope.LIST}
"""Keys that move or edit in a text field, except those of the console."""


class Keymap:
    """The keys of one agent; *changed* are their own keys by scope and name."""

    def __init__(self, changed: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Raise :exc:`KeysRefused` if *changed* names no action, or a key would mean two things."""
        self.keys = KEYS
        self.changed: dict[str, str] = {}
        for place, keys in (changed or {}).items():
            for name, given in keys.items():
                self._change(f"{place}.{name}", given)
        for scope in Scope:
            _refuse_clashes(self.keys, scope)

    def actions(self, *places: Scope) -> dict[str, str]:
        """Return the action of each key that works in *places*."""
        return {
            name: key.action
            for key in self.keys
            if key.scope in places
            for name in key.keys.split(",")
        }

    def keys_for(self, action: str) -> set[str]:
        """Return the keys that do *action*, wherever they work."""
        return {name for key in self.keys if key.action == action for name in key.keys.split(",")}

    def display(self, found: str) -> str:
        """Return the first key of the action *found*, as people read it."""
        return next(key.display.split()[0] for key in self.keys if key.id == found)

    def _change(self, found: str, given: str) -> None:
        if (key := next((key for key in KEYS if key.id == found), None)) is None:
            near = ", ".join(get_close_matches(found, [key.id for key in KEYS], 3, 0.3))
            raise KeysRefused(f"console.keys.{found}: there is no such action; near are {near}.")
        try:
            keys = ",".join(dict.fromkeys(_given(name, key) for name in given.split(",")))
        except KeyRefused as refused:
            raise KeysRefused(f"console.keys.{found}: {refused}") from None
        self.changed[found] = keys
        self.keys = tuple(replace(key, keys=keys) if key.id == found else key for key in self.keys)


def bindings(scope: Scope) -> list[Binding]:
    """Return the bindings of the keys that work *where*, before an agent changes any."""
    return [
        Binding(
            key.keys,
            key.action,
            key.help,
            show=False,
            # What is typed right after Enter is meant for the composer that it opens.
            priority=scope is Scope.LIST or key.id in OVERTAKING,
            id=key.id,
        )
        for key in KEYS
        if key.scope is scope
    ]


def _given(given: str, key: Key) -> str:
    """Return the name of the key *given* to the action of *key*."""
    name = key_name(given)
    if key.scope is Scope.LIST or name in key.keys.split(","):
        return name
    if is_typed(name):
        raise KeyRefused(f"`{given}` is what people type; take another.")
    if name in EDITING:
        raise KeyRefused(f"`{given}` moves or edits where one writes; take another.")
    return name


def _refuse_clashes(keys: Iterable[Key], scope: Scope) -> None:
    """Raise if a key means two things *where*, itself or together with what works everywhere."""
    taken: dict[str, Key] = {}
    for key in keys:
        if key.scope not in {scope, Scope.EVERYWHERE}:
            continue
        for name in key.keys.split(","):
            if (other := taken.setdefault(name, key)) is not key:
                raise KeysRefused(
                    f"console.keys: {display(name)} would mean both {other.id} and {key.id}; "
                    "give one of them another key."
                )
