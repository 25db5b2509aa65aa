"""An agent loses the network, a colleague answers meanwhile, and the customer gets one answer."""

from tests.e2e.main_job.stage import Stage
from tests.e2e.main_job.terminal import Terminal
from tests.fork_server import PROGRAM
from tests.integration.relay.helpers import greeted, wire
from tests.reliability.proxy import between

ALT_B, F5 = "\x1bb", "\x1b[15~"


async def test_an_answer_written_offline_waits_where_a_colleague_has_answered(stage: Stage) -> None:
    sam = {**stage.environment, "HELPDESK_TOKEN": await stage.hire("Sam")}
    kim = await greeted(await wire(stage.url, "agent"), token=await stage.hire("Kim"))
    ada = await greeted(await wire(stage.url, "customer"))
    await ada.ok("open", text="Where is my parcel?")
    with between(stage.port) as network:
        tui = [PROGRAM, "tui", "--url", f"http://127.0.0.1:{network.port}"]
        async with Terminal(tui, sam, stage.home) as console:
            await console.shows("online as Sam", "#1")
            console.press("\r")
            await console.hears("Where is my parcel?")
            network.cut()
            await console.shows("offline")
            console.press("Sam: let me look")
            await console.shows("Sam: let me look")
            console.press("\r")
            await console.shows("goes out by itself")
            await kim.ok("send", request=1, text="Kim: on its way")
            network.recover()
            console.press(F5)
            await console.hears("Kim: on its way")
            await console.hears("not sent: Kim has answered")
            console.press(ALT_B)
            await console.hides("not sent")
            console.press(" too")
            await console.shows("Sam: let me look too")
            console.press("\r")
            await ada.message("Sam: let me look too")
    assert stage.stored_texts()[1:] == [
        "Where is my parcel?",
        "Kim: on its way",
        "Sam: let me look too",
    ]
    await ada.socket.close()
    await kim.socket.close()
