"""Every key of the console, once: the bindings, the footer and the help all come from here."""

from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding


class Where(Enum):
    """Where a key works; the value is what the help calls it."""

    LIST = "In the request list"
    COMPOSER = "While writing"
    EVERYWHERE = "Everywhere"


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does. ``label`` is for the footer, which shows it if it is not empty."""

    where: Where
    keys: str
    shown: str
    action: str
    help: str
    label: str = ""


KEYS = (
    Key(Where.LIST, "enter", "Enter", "app.open", "open the request and write", "open"),
    Key(Where.LIST, "down,j", "j ↓", "move(1)", "next request"),
    Key(Where.LIST, "up,k", "k ↑", "move(-1)", "previous request"),
    Key(Where.LIST, "home,g", "g", "move(-1000000)", "first request"),
    Key(Where.LIST, "end,G", "G", "move(1000000)", "last request"),
    Key(Where.LIST, "a", "a", "app.claim", "claim: the request is yours", "claim"),
    Key(Where.LIST, "r", "r", "app.release", "release: back to the queue", "release"),
    Key(Where.LIST, "e", "e", "app.end", "close the request", "close"),
    Key(Where.LIST, "question_mark", "?", "app.help", "this help"),
    Key(Where.COMPOSER, "enter", "Enter", "send", "send", "send"),
    Key(Where.COMPOSER, "ctrl+j,shift+enter", "Ctrl+J", "newline", "break the line", "new line"),
    Key(Where.COMPOSER, "escape", "Esc", "app.leave", "to the list; the draft stays", "list"),
    Key(Where.COMPOSER, "pageup", "PgUp", "app.scroll(-1)", "scroll the conversation back"),
    Key(Where.COMPOSER, "pagedown", "PgDn", "app.scroll(1)", "scroll the conversation on"),
    Key(Where.EVERYWHERE, "alt+c", "Alt+C", "app.claim", "claim the open request", "claim"),
    Key(Where.EVERYWHERE, "alt+r", "Alt+R", "app.release", "release the open request"),
    Key(Where.EVERYWHERE, "alt+e", "Alt+E", "app.end", "close the open request", "close"),
    Key(Where.EVERYWHERE, "alt+down", "Alt+↓", "app.open_next(1)", "open the next request"),
    Key(Where.EVERYWHERE, "alt+up", "Alt+↑", "app.open_next(-1)", "open the previous request"),
    Key(Where.EVERYWHERE, "tab", "Tab", "app.focus_next", "to the next pane"),
    Key(Where.EVERYWHERE, "f5", "F5", "app.hurry", "offline: call the relay now"),
    Key(Where.EVERYWHERE, "f1", "F1", "app.help", "this help", "help"),
    Key(Where.EVERYWHERE, "ctrl+q", "Ctrl+Q", "app.quit", "quit; what is unsent is kept", "quit"),
)


def bindings(where: Where) -> list[Binding]:
    """Return the bindings of the keys that work *where*."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label or key.help,
            show=bool(key.label),
            key_display=key.shown,
            # What is typed right after Enter is meant for the composer that it opens.
            priority=where is Where.LIST or key.keys == "ctrl+q",
        )
        for key in KEYS
        if key.where is where
    ]


def actions(where: Where) -> dict[str, str]:
    """Return the action of each key that works *where*."""
    return {name: key.action for key in KEYS if key.where is where for name in key.keys.split(",")}
