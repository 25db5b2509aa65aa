"""A console that is older than its relay says so: once in a notice, and in the status line."""

from itertools import count

from msgspec import UNSET, UnsetType, structs

from helpdesk_tui.keys import Keymap
from helpdesk_tui.model.effects import Online, ShowNotice
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.widgets.status import status
from tests.unit.console.sample_frames import welcome


def notices(seat: Seat, relay: str | UnsetType) -> list[str]:
    effects = reduce(seat, structs.replace(welcome(), version=relay), 0.0)
    return [effect.sentence for effect in effects if isinstance(effect, ShowNotice)]


def status_text(seat: Seat) -> str:
    return "".join(text for text, _ in status(seat, Keymap({}), Online(), 0.0))


def console(version: str) -> Seat:
    refs = map(str, count())
    return Seat(lambda: next(refs), version=version)


def test_an_older_console_is_told_once_and_the_status_line_keeps_it() -> None:
    seat = console("0.1.0")
    assert notices(seat, "0.2.0") == [
        "The relay is version 0.2.0, this console 0.1.0; update the console."
    ]
    assert notices(seat, "0.2.0") == [], "a reconnect says it again"
    assert "update to 0.2.0" in status_text(seat)


def test_a_relay_that_was_updated_meanwhile_is_told() -> None:
    seat = console("0.1.0")
    assert notices(seat, "0.1.0") == []
    assert "update" not in status_text(seat)
    assert len(notices(seat, "0.1.1")) == 1


def test_nothing_is_told_of_an_older_relay_or_one_that_does_not_say() -> None:
    for relay in ("0.1.0", "0.0.9", UNSET, "nonsense \x1b[31m"):
        seat = console("0.1.0")
        assert notices(seat, relay) == []
        assert "update" not in status_text(seat)
