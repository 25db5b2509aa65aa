"""Text is stored as written, except for what promise 5 removes; end to end."""

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk

CC = "".join(map(chr, (*range(9), *range(11, 32), *range(127, 160)))).replace("\r", "")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LINES = "\n\r\u0085\u2028\u2029\u000b\u000c"

KEPT = [
    "<script>alert(1)</script> [bold]x[/] {name} %s \\u0041 \\n",
    "'; DROP TABLE message; --",
    "a\tb\n\n  c",
    "\u202eright to left\u2066 \u200d\u200c\ufeff",
    "e\u0301 \u00e9 \ufb01 \u2126",  # no normalisation
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "\u2028\u2028x\u2029x",
    "a\u00a0b\u3000c",
    "\ufffe\uffff\U0010ffff",
    "\U0001f600" * 4000,
]
CHANGED = {
    " \t\n x \n\t ": "x",
    "a\r\nb\rc\n\rd": "a\nb\nc\n\nd",
    f"a{CC}b": "ab",
    "\x1b]52;c;eA==\x07x\x1b[2J": "]52;c;eA==x[2J",
    "\u3000\u00a0x\u2003": "x",
    " \x07 x": "x",
}


@pytest.mark.parametrize("text", KEPT, ids=range(len(KEPT)))
async def test_what_was_written_comes_out_at_the_other_side(desk: Desk, text: str) -> None:
    await comes_out_as(desk, text, text.strip())


@pytest.mark.parametrize("text", CHANGED, ids=range(len(CHANGED)))
async def test_controls_line_ends_and_outer_space_are_mended(desk: Desk, text: str) -> None:
    await comes_out_as(desk, text, CHANGED[text])


async def comes_out_as(desk: Desk, text: str, expected: str) -> None:
    sam, customer = await desk.agent("Sam"), await desk.customer()
    opened = await customer.ok("open", text=text)
    assert opened["messages"][-1]["text"] == expected
    await sam.ok("join", request=1)
    await customer.ok("send", text=text)
    assert (await sam.push("message"))["message"]["text"] == expected
    await sam.ok("send", request=1, text=text)
    await customer.push("message")
    assert (await customer.push("message"))["message"]["text"] == expected
    await sam.ok("note", request=1, text=text)
    await sam.ok("transfer", request=1, to=1)
    log = (await sam.ok("join", request=1))["messages"]
    assert [m["text"] for m in log if m["kind"] != "activity"][1:] == [expected] * 4


@pytest.mark.parametrize("text", [CC, "\u3000", "\u2028", "\x07\n\x07"])
async def test_what_is_empty_after_that_is_invalid(desk: Desk, text: str) -> None:
    customer = await desk.asker()
    assert await customer.refused("send", text=text) == "invalid"


async def test_the_limit_counts_code_points_of_what_is_kept(desk: Desk) -> None:
    customer = await desk.asker()
    await customer.ok("send", text="\U0001f600" * 4000)
    await customer.ok("send", text="\r\n" * 500 + "x" * 4000 + "\x07" * 500)
    assert await customer.refused("send", text="\U0001f600" * 4001) == "invalid"


async def test_a_retry_is_compared_by_what_is_kept(desk: Desk) -> None:
    customer = await desk.asker()
    first = await customer.ok("send", ref="s", text="a\r\nb ")
    assert await customer.ok("send", ref="s", text="a\r\nb ") == first
    assert await customer.ok("send", ref="s", text="a\nb") == first


async def test_a_text_limit_of_0_is_none(start: Start) -> None:
    async with start(text_limit=0, **FREE) as desk:
        customer = await desk.asker()
        assert customer.welcome["limits"]["text"] == 0
        assert (await customer.ok("send", text="x" * 60_000))["seq"] == 3


async def test_every_other_string_is_one_clean_line(desk: Desk) -> None:
    dirty = f" A{CC}{BIDI}{LINES}da "
    page = {"url": f"https://shop.example/{CC}{BIDI}x", "title": dirty, "referrer": dirty}
    customer = await desk.customer(page=page, locale=f"en{BIDI}-GB")
    await customer.ok("open", name=dirty, email=dirty)
    await customer.ok("rate", score=1, comment=dirty)
    [request] = (await desk.agent("Sam")).welcome["requests"]
    person = request["customer"]
    assert (person["name"], person["email"], request["rating"]["comment"]) == ("Ada",) * 3
    assert request["page"] == {"url": "https://shop.example/x", "title": "Ada", "referrer": None}
    assert request["locale"] == "en-GB"
    admin = await desk.agent("Lee", "admin")
    assert (await admin.ok("agent_add", name=dirty, role="agent"))["agent"]["name"] == "Ada"
    await admin.ok("canned_set", name=dirty, text=f" x{CC}\r\ny ")
    assert (await admin.push("canned"))["canned"] == [{"name": "Ada", "text": "x\ny"}]


async def test_what_a_browser_says_of_itself_is_cut_or_dropped(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc", "x", "https://", "//a"):
        customer = await desk.customer(page={"url": url, "title": "t" * 300, "referrer": url})
        number = (await customer.ok("open"))["request"]["id"]
        page = (await sam.ok("join", request=number))["request"]["page"]
        assert page == {"url": None, "title": "t" * 200, "referrer": None}
    long, longest = f"http://a/{'p' * 2040}", f"http://a/{'p' * 2039}"
    customer = await desk.customer(page={"url": long, "referrer": longest}, locale="x" * 300)
    number = (await customer.ok("open", name="n" * 100, email="e" * 254))["request"]["id"]
    request = (await sam.ok("join", request=number))["request"]
    assert request["page"] == {"url": None, "title": None, "referrer": longest}
    assert request["locale"] is None
