"""Displayed hints name the configured keys."""

from helpdesk_tui.keys import Keymap
from helpdesk_tui.model.effects import Ended, Offline, Online
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.widgets.status import status, typing_line
from tests.unit.console.sample_frames import joined, new_seat, request, welcome

KEYS = Keymap(
    {
        "everywhere": {
            "first_unread": "alt+f",
            "newest": "alt+h",
            "away": "alt+i,f10",
            "call": "ctrl+r",
        }
    }
)


def at_a_request() -> Seat:
    seat = new_seat()
    reduce(seat, welcome(request(1)), 0.0)
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    return seat


def test_what_is_above_and_below_is_reached_by_the_agents_own_keys() -> None:
    shown = "".join(text for text, _ in typing_line(at_a_request(), KEYS, "2", 3, 0.0))
    assert "2 unread above (Alt+F)" in shown
    assert "3 new below (Alt+H)" in shown


def test_being_back_and_calling_the_relay_are_reached_by_the_agents_own_keys() -> None:
    seat = at_a_request()
    seat.away = True
    assert "(Alt+I: online)" in status(seat, KEYS, Online(), 0.0)[0][0]
    assert "(Ctrl+R: now)" in status(seat, KEYS, Offline("", 5.0), 0.0)[0][0]
    assert "Ctrl+R tries again" in status(seat, KEYS, Ended("", unauthorized=False), 0.0)[0][0]
