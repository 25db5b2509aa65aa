"""A console that is started while the relay is away: what was written is there, and safe."""

import stat
from pathlib import Path

from relay.wire import agent_in, objects
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import TOKEN, FakeRelay
from tests.integration.console.saved_texts import kept
from tests.integration.console.test_plain import talk


async def leave_written(relay: FakeRelay, state_dir: Path) -> None:
    """Leave a draft in request 1 and an unsent text in request 2, with the relay away."""
    relay.open(1, "My lamp is broken")
    relay.open(2, "Good day")
    async with console_session(relay.url, state_dir) as desk:
        await desk.open(1)
        await desk.write("half of it")
        await desk.press("alt+down")
        await desk.sees("Good day")
        await relay.stop()
        await desk.sees("offline")
        await desk.write("on its way")
        await desk.press("enter")
        await desk.sees("unsent, goes out by itself")


async def test_what_was_written_is_shown_and_edited_before_the_relay_answers_and_goes_out_then(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await leave_written(relay, tmp_path)
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("○ offline")
        await desk.sees("kept here · 2")
        await desk.sees("half of it")
        await desk.sees("1 unsent")
        assert "waiting" not in desk.screen, "who waits is not known"
        await desk.press("j", "enter")
        await desk.sees("on its way")
        await desk.press("alt+up")
        assert desk.panes.composer.text == "half of it"
        await desk.write(" and the rest")
        await desk.press("enter")
        await desk.sees("unsent, goes out by itself")
        await relay.start()
        await desk.press("f5")
        await relay.until(lambda: set(relay.sent()) == {"half of it and the rest", "on its way"})
        await desk.sees("My lamp is broken")
        await desk.sees_no("kept here")
        await desk.until(lambda: kept(tmp_path) == [])


async def test_an_empty_list_says_that_nothing_is_known_until_the_relay_has_answered(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await relay.stop()
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("Who waits is not known")
        await desk.press("f9")
        await desk.sees("is known when the relay answers")
        await desk.press("escape")
        await relay.start()
        await desk.press("f5")
        await desk.sees("Nobody is waiting.")


async def test_what_belongs_to_data_that_was_replaced_stays_where_it_is_and_that_is_said(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await leave_written(relay, tmp_path)
    before = sorted(kept(tmp_path))
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("kept here · 2")
        await desk.press("enter")
        assert desk.panes.composer.text == "half of it"
        relay.epoch = "e2"
        await relay.start()
        await desk.press("f5")
        await desk.sees("was restored")
        assert desk.panes.composer.read_only
        await desk.press("escape")
        await desk.sees_no("half of it")
        assert desk.panes.composer.text == ""
    assert sorted(kept(tmp_path)) == before
    assert relay.sent() == []


async def test_what_is_remembered_is_for_its_owner_alone_and_for_that_token_without_it(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await leave_written(relay, tmp_path)
    [place] = (tmp_path / "places").iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert TOKEN not in place.name + place.read_text()
    async with console_session(relay.url, tmp_path, token="hda_other") as desk:
        await desk.sees("○ offline")
        assert "kept here" not in desk.screen


async def test_a_token_that_is_refused_later_takes_nobody_from_what_they_write(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await leave_written(relay, tmp_path)
    relay.refuse = lambda frame: (
        objects.Error("unauthorized", "") if isinstance(frame, agent_in.Hello) else None
    )
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("kept here · 2")
        await desk.press("enter")
        await relay.start()
        await desk.press("f5")
        await desk.sees("The relay refuses this token")
        assert desk.panes.composer.text == "half of it"
        assert desk.console.failure is None


async def test_the_plain_form_tells_what_is_kept_and_goes_on_when_the_relay_comes(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await leave_written(relay, tmp_path)
    async with talk(relay.url, tmp_path) as plain:
        await plain.hears("offline: ")
        await plain.hears("#1 draft: half of it")
        await plain.hears("#2 unsent: on its way")
        plain.say("list", "open 1", "say all of it", "claim")
        await plain.hears("Who waits is not known before the relay answers.")
        await plain.hears("Offline: claim #1 again when the relay is back.")
        await relay.start()
        await plain.hears("stored as 2")
        await relay.until(lambda: set(relay.sent()) == {"all of it", "on its way"})
        assert await plain.end() == 0


async def test_a_script_of_the_plain_form_waits_for_the_relay(
    relay: FakeRelay, tmp_path: Path
) -> None:
    await leave_written(relay, tmp_path)
    async with talk(relay.url, tmp_path) as plain:
        plain.say("claim 1")
        assert plain.process.stdin
        plain.process.stdin.close()
        await plain.hears("offline: ")
        await relay.start()
        await plain.hears("#1 active by Sam")
        assert await plain.end() == 0
