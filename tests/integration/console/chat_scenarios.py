"""Scenarios of the actions of the composer and the conversation, and those that work everywhere."""

from base64 import b64encode

from helpdesk_tui.widgets.picker import Picker
from relay.wire import agent_in, objects
from tests.integration.console.scenario import LINK, Scene, does


@does("writing.send")
async def sends(scene: Scene) -> None:
    await scene.desk.write("hi")
    await scene.press()
    await scene.relay.until(lambda: scene.relay.sent() == ["hi"])
    await scene.sees("hi ✓")
    await scene.relay.push(objects.Read(1, "customer", 3))
    await scene.sees("hi ✓✓")


@does("writing.newline")
async def breaks(scene: Scene) -> None:
    for key in scene.keys:
        await scene.desk.press("a", key)
    assert scene.desk.panes.composer.text == "a\n" * 2


@does("writing.leave")
async def leaves(scene: Scene) -> None:
    await scene.desk.write("half")
    await scene.press()
    assert scene.desk.panes.list.has_focus
    assert scene.desk.panes.composer.text == "half"


@does("writing.canned")
async def cans(scene: Scene) -> None:
    await scene.press(*"hel")
    await scene.sees("Hello Ada, Sam here.")
    await scene.desk.press("enter")
    await scene.until(lambda: scene.desk.panes.composer.text == "Hello Ada, Sam here.")
    await scene.desk.write("/")
    assert scene.desk.panes.composer.text == "Hello Ada, Sam here./"
    assert scene.relay.sent() == []


@does("writing.scroll_up", "writing.scroll_down", "everywhere.newest")
@does("everywhere.scroll_up", "everywhere.scroll_down")
async def scrolls(scene: Scene) -> None:
    for number in range(40):
        await scene.relay.say(1, f"line {number}")
    timeline = scene.desk.panes.timeline
    await scene.sees("line 39")
    end = timeline.scroll_offset.y
    back = scene.keys[0].replace("down", "up").replace("alt+end", "pageup")
    await scene.desk.press(back)
    await scene.until(lambda: timeline.scroll_offset.y < end)
    if not scene.keys[0].endswith("pageup"):
        await scene.press()
        await scene.until(lambda: timeline.following)


@does("everywhere.note")
async def notes(scene: Scene) -> None:
    await scene.desk.write("for the customer")
    await scene.press()
    await scene.sees("note, for agents only")
    await scene.desk.write("between us")
    await scene.press()
    assert scene.desk.panes.composer.text == "for the customer"
    await scene.sees("✎ note draft")
    await scene.press("enter")
    await scene.sees("note by Sam (you), for agents only")
    await scene.desk.write("and one more")
    await scene.desk.press("enter")
    await scene.sees("and one more")
    await scene.press()
    assert scene.desk.panes.composer.text == "for the customer"
    await scene.desk.press("enter")
    await scene.relay.until(lambda: scene.relay.sent() == ["for the customer"])
    noted = [said.text for said in scene.relay.logs[1] if said.kind == "note"]
    assert noted == ["between us", "and one more"]


@does("everywhere.below")
async def below(scene: Scene) -> None:
    await scene.press()
    await scene.opens(2)


@does("everywhere.above")
async def above(scene: Scene) -> None:
    await scene.desk.press("alt+down")
    await scene.opens(2)
    await scene.press()
    await scene.opens(1)


@does("everywhere.switch")
async def switches(scene: Scene) -> None:
    await scene.press(*"ada 3")
    await scene.until(lambda: isinstance(scene.desk.console.screen, Picker))
    await scene.desk.press("enter")
    await scene.opens(3)
    await scene.press(*"is:waiting ada 2")
    await scene.desk.press("enter")
    await scene.opens(2)
    await scene.press(*"is:mine ada")
    await scene.sees("No such request.")
    await scene.desk.press("escape")


@does("everywhere.first_unread")
async def first_unread(scene: Scene) -> None:
    for number in range(40):
        await scene.relay.say(2, f"line {number}")
    await scene.sees("line 39")
    await scene.desk.press("alt+down")
    await scene.sees("unread above")
    await scene.press()
    await scene.sees("─ new ─")
    await scene.desk.sees_no("unread above")


@does("everywhere.links")
async def links(scene: Scene) -> None:
    await scene.press("enter")
    await scene.until(lambda: b64encode(LINK.encode()).decode() in "".join(scene.put_out))


@does("list.copy", "everywhere.copy")
async def copies(scene: Scene) -> None:
    if scene.keys == ["y"]:
        await scene.desk.press("space")
        await scene.sees("Hello from 1")
    await scene.press(*"hello", "enter")
    text = b64encode(b"Hello from 1").decode()
    await scene.until(lambda: text in "".join(scene.put_out))


@does("everywhere.bare", "everywhere.editor")
async def lends(scene: Scene) -> None:
    """A test has no terminal to lend; the tests in a real one lend it."""
    await scene.desk.write("half")
    await scene.press()
    await scene.sees("cannot be lent")
    assert scene.desk.panes.composer.text == "half"


@does("everywhere.emoji")
async def emoji(scene: Scene) -> None:
    await scene.press(*"party popper", "enter")
    await scene.until(lambda: scene.desk.panes.composer.text == "\N{PARTY POPPER}")
    await scene.desk.write(" :tada: :nonsense: 10:30")
    assert scene.desk.panes.composer.text == "\N{PARTY POPPER} \N{PARTY POPPER} :nonsense: 10:30"


@does("everywhere.retry", "everywhere.edit")
async def fails(scene: Scene) -> None:
    scene.relay.refuse = lambda frame: (
        objects.Error("forbidden", "") if isinstance(frame, agent_in.Send) else None
    )
    await scene.desk.write("hi")
    await scene.desk.press("enter")
    await scene.sees("! not sent: you may not write in #1")
    scene.relay.refuse = lambda _: None
    await scene.press()
    if scene.keys == ["alt+b"]:
        await scene.until(lambda: scene.desk.panes.composer.text == "hi")
        await scene.desk.press("enter")
    await scene.relay.until(lambda: scene.relay.sent() == ["hi"])
    await scene.desk.sees_no("not sent")


@does("everywhere.info")
async def informs(scene: Scene) -> None:
    """In place of the list it has the keys, and gives them back."""
    scene.relay.open(8, "Long ago", status="closed", customer=scene.relay.requests[1].customer)
    await scene.press()
    await scene.sees("earlier requests")
    await scene.sees("Long ago")
    await scene.press()
    await scene.desk.sees_no("earlier requests")
    await scene.desk.press("escape")
    await scene.press()
    await scene.until(lambda: scene.desk.panes.info.has_focus)
    await scene.press()
    await scene.until(lambda: scene.desk.panes.list.has_focus)
    await scene.press("escape")
    await scene.until(lambda: scene.desk.panes.list.has_focus)
    await scene.desk.sees_no("earlier requests")


@does("everywhere.numbers")
async def counts(scene: Scene) -> None:
    await scene.press()
    await scene.sees("satisfaction  4.5 of 5")
    await scene.sees("Kim")
    await scene.press()
    await scene.desk.sees_no("satisfaction")


@does("everywhere.hide_list")
async def hides(scene: Scene) -> None:
    await scene.press()
    await scene.until(lambda: not scene.desk.panes.list.region)
    await scene.press()
    await scene.until(lambda: bool(scene.desk.panes.list.region))


@does("everywhere.away")
async def away(scene: Scene) -> None:
    await scene.press()
    await scene.sees("away as Sam")
    await scene.relay.hang_up()
    await scene.until(
        lambda: (
            [f.status for f in scene.relay.heard if isinstance(f, agent_in.SetStatus)]
            == ["away", "away"]
        )
    )
    await scene.press()
    await scene.sees("online as Sam")


@does("everywhere.pane")
async def pane(scene: Scene) -> None:
    await scene.press()
    await scene.until(lambda: scene.desk.panes.list.has_focus)
    await scene.press()
    await scene.until(lambda: scene.desk.panes.composer.has_focus)


@does("everywhere.redraw")
async def redraws(scene: Scene) -> None:
    await scene.press()
    await scene.sees("Hello from 1")


@does("everywhere.call")
async def calls(scene: Scene) -> None:
    await scene.relay.stop()
    await scene.sees("offline")
    await scene.relay.start()
    await scene.press()
    await scene.sees("online as Sam")


@does("everywhere.palette")
async def palette(scene: Scene) -> None:
    await scene.press()
    await scene.sees("▌ Open the request and write")
    await scene.desk.press(*"claim: the")
    await scene.sees("▌ Claim: the request is yours")
    await scene.desk.press("enter")
    await scene.sees("mine · 1")
    await scene.desk.write("one")
    await scene.press(*"break", "enter")
    await scene.until(lambda: scene.desk.panes.composer.text == "one\n")


@does("everywhere.colours")
async def colours(scene: Scene) -> None:
    assert scene.desk.console.theme == "helpdesk"
    await scene.press(*"high", "enter")
    await scene.until(lambda: scene.desk.console.theme == "high-contrast")


@does("everywhere.mouse")
async def mouse(scene: Scene) -> None:
    """A test has no mouse; the tests in a real terminal have one."""
    await scene.press()
    await scene.sees("There is no mouse here.")


@does("everywhere.quit")
async def quits(scene: Scene) -> None:
    await scene.desk.write("half")
    await scene.press()
    await scene.until(lambda: scene.desk.console._exit)
