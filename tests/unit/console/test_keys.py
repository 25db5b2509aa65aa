"""Every key means one thing in one place, and the help names it."""

from collections import Counter
from pathlib import Path

import pytest

from helpdesk_tui.app import Console
from helpdesk_tui.keys import KEYS, Where, actions
from helpdesk_tui.widgets.composer import Composer
from helpdesk_tui.widgets.request_list import RequestList

OWNERS = {Where.LIST: RequestList, Where.COMPOSER: Composer, Where.EVERYWHERE: Console}


@pytest.mark.parametrize("where", Where)
def test_no_key_means_two_things_in_one_place(where: Where) -> None:
    names = Counter(name for key in KEYS if key.where is where for name in key.keys.split(","))
    assert [name for name, count in names.items() if count > 1] == []
    assert names.keys() == actions(where).keys()


def test_no_key_that_works_everywhere_means_something_else_somewhere() -> None:
    everywhere = actions(Where.EVERYWHERE)
    assert not everywhere.keys() & actions(Where.COMPOSER).keys()
    assert not everywhere.keys() & actions(Where.LIST).keys()


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.shown)
def test_every_key_leads_to_an_action(key: object) -> None:
    [key] = [known for known in KEYS if known is key]
    name = key.action.partition("(")[0]
    owner = Console if name.startswith("app.") else OWNERS[key.where]
    assert hasattr(owner, f"action_{name.removeprefix('app.')}")


def test_escape_discards_nothing() -> None:
    assert actions(Where.COMPOSER)["escape"] == "app.leave"


def test_the_documentation_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "console.md").read_text()
    table = [
        line for line in page.splitlines() if line.startswith(("| in ", "| while ", "| every"))
    ]
    told = [f"| {key.where.value.lower()} | `{key.shown}` | {key.help} |" for key in KEYS]
    assert table == told
