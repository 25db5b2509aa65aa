"""Every key means one thing in one place, and the help names it."""

from pathlib import Path

import pytest

from helpdesk_tui.app import Console
from helpdesk_tui.keys import KEYS, TITLES, Key, Keymap, KeysRefused, Scope
from helpdesk_tui.widgets.composer import Composer
from helpdesk_tui.widgets.request_list import RequestList

CONSOLE = Console("ws://127.0.0.1:1", "token", Path("nowhere"))
OWNERS = {Scope.LIST: RequestList, Scope.WRITING: Composer}


def test_no_key_means_two_things() -> None:
    assert Keymap().keys == KEYS


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_key_leads_to_an_action(key: Key) -> None:
    name = key.action.partition("(")[0]
    owner = CONSOLE if name.startswith("app.") else OWNERS[key.scope]
    assert callable(getattr(owner, f"action_{name.removeprefix('app.')}"))


def test_escape_discards_nothing() -> None:
    assert Keymap().actions(Scope.WRITING)["escape"] == "app.leave"


def test_an_agent_can_change_keys_even_swap_two() -> None:
    keymap = Keymap({"writing": {"send": "ctrl+s", "newline": "enter"}, "list": {"claim": "C"}})
    writing = keymap.actions(Scope.WRITING)
    assert (writing["ctrl+s"], writing["enter"]) == ("send", "newline")
    assert keymap.actions(Scope.LIST)["C"] == "app.claim"
    assert "a" not in keymap.actions(Scope.LIST)
    assert keymap.changed == {
        "writing.send": "ctrl+s",
        "writing.newline": "enter",
        "list.claim": "C",
    }


@pytest.mark.parametrize(
    ("place", "name", "keys", "said"),
    [
        ("list", "claim", "e", "e would mean both list.claim and list.close"),
        ("list", "claim", "alt+n", "Alt+N would mean both list.claim and everywhere.note"),
        ("writing", "send", "f4", "F4 would mean both writing.send and everywhere.editor"),
        ("list", "clam", "e", "there is no such action"),
        ("here", "claim", "e", "there is no such action"),
        ("list", "claim", "hyper+x", "is no key"),
        ("list", "claim", "", "is no key"),
        ("everywhere", "claim", "c", "is what people type"),
        ("writing", "send", "space", "is what people type"),
        ("writing", "send", "/", "is what people type"),
        ("writing", "send", "Ctrl+W", "moves or edits where one writes"),
        ("everywhere", "note", "shift+left", "moves or edits where one writes"),
        ("everywhere", "note", "Shift+Ctrl+K", "many terminals send .* as Ctrl+K"),
        ("everywhere", "note", "alt+n,ctrl+i", "many terminals send `ctrl+i` as Tab"),
    ],
)
def test_what_would_mean_two_things_or_nothing_is_refused(
    place: str, name: str, keys: str, said: str
) -> None:
    with pytest.raises(KeysRefused, match=said.replace("+", "\\+")):
        Keymap({place: {name: keys}})


def test_the_documentation_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "console.md").read_text()
    told = [
        f"| {TITLES[key.scope].lower()} | `{key.display}` | {key.help} | `{key.id}` |"
        for key in KEYS
    ]
    table = [
        line for line in page.splitlines() if line.startswith(("| in ", "| while ", "| every"))
    ]
    assert table == told
