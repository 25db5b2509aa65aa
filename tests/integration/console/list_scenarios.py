"""Scenarios of the actions of the request list, and of those on a request from anywhere."""

from helpdesk_tui.widgets.dialogs import ConfirmDialog, HelpDialog
from relay.wire import agent_in
from tests.integration.console.fake_relay import KIM
from tests.integration.console.scenario import Scene, does


@does("list.open")
async def opens(scene: Scene) -> None:
    await scene.press()
    await scene.opens(1)
    assert scene.desk.panes.composer.has_focus


@does("list.look")
async def looks(scene: Scene) -> None:
    await scene.press()
    await scene.opens(1)
    await scene.sees("Hello from 1")
    await scene.sees("2 unread, only looked at (Enter: go in)")
    await scene.desk.press("j")
    await scene.press()
    await scene.sees("Hello from 2")
    assert scene.desk.panes.list.has_focus
    assert not any(
        isinstance(frame, agent_in.SetRead | agent_in.Claim) for frame in scene.relay.heard
    )
    await scene.desk.press("enter")
    await scene.relay.until(lambda: agent_in.SetRead(2, 2) in scene.relay.heard)
    await scene.desk.sees_no("only looked at")


@does("list.down")
async def down(scene: Scene) -> None:
    for key in scene.keys:
        await scene.desk.press(key)
    await scene.chooses(3)


@does("list.up", "list.first", "list.page_up")
async def up(scene: Scene) -> None:
    await scene.desk.press("down")
    await scene.chooses(2)
    await scene.press()
    await scene.chooses(1)


@does("list.last", "list.page_down")
async def last(scene: Scene) -> None:
    await scene.press()
    await scene.chooses(3)


@does("list.fold")
async def folds(scene: Scene) -> None:
    await scene.press()
    await scene.sees("waiting · 3 (folded)")
    assert (scene.desk.panes.list.rows, scene.desk.panes.list.selected) == ((), None)
    await scene.press()
    await scene.chooses(1)
    await scene.press("enter")
    await scene.until(lambda: len(scene.desk.panes.list.rows) == 3)


@does("list.filter")
async def narrows(scene: Scene) -> None:
    await scene.press(*"from")
    await scene.sees("Nobody is waiting.")
    await scene.desk.press("escape")
    await scene.until(lambda: len(scene.desk.panes.list.rows) == 3)
    await scene.press(*"#2 shop")
    await scene.until(lambda: [row.number for row in scene.desk.panes.list.rows] == [2])
    scene.desk.panes.filter.value = "is:m"
    await scene.sees("is:m is none of is:waiting")
    scene.desk.panes.filter.value = "is:closed"
    await scene.until(lambda: [row.number for row in scene.desk.panes.list.rows] == [9])
    scene.desk.panes.filter.value = "is:waiting #2"
    await scene.until(lambda: [row.number for row in scene.desk.panes.list.rows] == [2])
    await scene.desk.press("enter")
    await scene.desk.press("enter")
    await scene.opens(2)


@does("list.next", "everywhere.next_needing")
async def next_one(scene: Scene) -> None:
    walk = [2, 3, 1, 2] if scene.desk.seat.open == 1 else [1, 2, 3, 1]
    for number in walk:
        await scene.press()
        await scene.opens(number)
        if scene.keys == ["n"]:
            await scene.desk.press("escape")


@does("list.back", "everywhere.back")
async def back(scene: Scene) -> None:
    await scene.desk.open(1)
    await scene.desk.press("alt+down")
    await scene.opens(2)
    if scene.keys == ["b"]:
        await scene.desk.press("escape")
    await scene.press()
    await scene.opens(1)


@does("list.claim", "everywhere.claim")
async def claims(scene: Scene) -> None:
    await scene.press()
    await scene.sees("mine · 1")


@does("list.release", "everywhere.release")
async def releases(scene: Scene) -> None:
    await scene.desk.press("a" if scene.keys == ["r"] else "alt+c")
    await scene.sees("mine · 1")
    await scene.press()
    await scene.sees("waiting · 3")


@does("list.transfer", "everywhere.transfer")
async def transfers(scene: Scene) -> None:
    await scene.press(*"kim", "enter")
    await scene.sees("A note for Kim")
    await scene.desk.press(*"knows lamps", "enter")
    await scene.sees("colleagues' · 1")
    [asked] = [frame for frame in scene.relay.heard if isinstance(frame, agent_in.Transfer)]
    assert (asked.request, asked.to, asked.note) == (1, KIM.id, "knows lamps")


@does("list.tag", "everywhere.tag")
async def tags(scene: Scene) -> None:
    await scene.press(*"Late", "enter")
    await scene.sees("[late]")
    await scene.press("enter")
    await scene.until(lambda: scene.relay.requests[1].tags == [])


@does("list.close", "everywhere.close")
async def closes(scene: Scene) -> None:
    await scene.press()
    await scene.until(lambda: isinstance(scene.desk.console.screen, ConfirmDialog))
    await scene.desk.press("y")
    await scene.sees("waiting · 2")


@does("list.reopen", "everywhere.reopen")
async def reopens(scene: Scene) -> None:
    await scene.desk.press("escape")
    await scene.desk.press("c")
    await scene.sees("closed · 1")
    await scene.desk.press("G")
    if scene.keys != ["o"]:
        await scene.desk.press("enter")
        await scene.opens(9)
    await scene.press()
    await scene.sees("mine · 1")


@does("list.unread")
async def unread(scene: Scene) -> None:
    await scene.desk.open(1)
    await scene.relay.until(lambda: agent_in.SetRead(1, 2) in scene.relay.heard)
    await scene.desk.press("escape")
    await scene.press()
    await scene.sees("1 new")
    assert scene.desk.seat.open is None


@does("list.closed")
async def closed(scene: Scene) -> None:
    await scene.press()
    await scene.sees("closed · 1")
    await scene.press()
    await scene.desk.sees_no("closed · 1")


@does("list.help", "everywhere.help")
async def helps(scene: Scene) -> None:
    await scene.press()
    await scene.until(lambda: isinstance(scene.desk.console.screen, HelpDialog))
    await scene.press()
    await scene.until(lambda: not isinstance(scene.desk.console.screen, HelpDialog))
