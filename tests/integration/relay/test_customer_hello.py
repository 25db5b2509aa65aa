"""A customer's ``hello`` and ``welcome``: every field, the token's rules, and resuming."""

import re
from pathlib import Path

import pytest

from relay.version import PROGRAM_VERSION
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, Wire, number_of, texts

WIDGET = Path(__file__).parents[3] / "web_widget"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def seqs(messages: list[Frame]) -> list[int]:
    return [message["seq"] for message in messages]


async def resume(desk: Desk, gone: Wire, **hello: object) -> Frame:
    """Return the welcome of a connection that comes back after *gone*."""
    known = {
        "token": gone.welcome["token"],
        "epoch": gone.welcome["epoch"],
        "request": number_of(gone),
        **hello,
    }
    return (await desk.customer(**known)).welcome


async def test_a_stranger_s_welcome_is_as_the_protocol_shows_it(start: Start) -> None:
    async with start(desk_name="Acme support", away_message="Back at nine") as desk:
        welcome = (await desk.customer(ref="1", locale="en-GB")).welcome
        assert welcome.pop("token").startswith("hdc_")
        assert welcome.pop("epoch")
        assert welcome == {
            "type": "welcome",
            "ref": "1",
            "request": None,
            "messages": [],
            "more": False,
            "reset": False,
            "desk": {"name": "Acme support", "online": False, "away_message": "Back at nine"},
            "limits": {"text": 4000, "frame": 65536, "messages_per_second": 5, "burst": 20},
            "version": PROGRAM_VERSION,
        }


async def test_a_customer_who_comes_back_sees_their_request_and_all_of_it(desk: Desk) -> None:
    first = await desk.asker(ref="o1", name="Ada", text="Help")
    welcome = (await desk.customer(token=first.welcome["token"])).welcome
    assert welcome["token"] == first.welcome["token"]
    request = welcome["request"]
    assert TIME.fullmatch(request.pop("opened_at"))
    assert request == {
        "id": 1,
        "status": "waiting",
        "agent": None,
        "claimed_at": None,
        "closed_at": None,
        "seq": 3,
        "read": {"customer": 0, "agent": 0},
        "rating": None,
    }
    for message in welcome["messages"]:
        assert TIME.fullmatch(message.pop("at"))
    opened, greeting, text = welcome["messages"]
    assert opened.pop("text")
    assert opened == {
        "seq": 1,
        "kind": "activity",
        "activity": "opened",
        "by": {"role": "customer", "name": "Ada"},
    }
    assert greeting == {
        "seq": 2,
        "kind": "text",
        "by": {"role": "desk", "name": "Support"},
        "text": "Hello! How can we help you?",
    }
    assert text == {
        "seq": 3,
        "kind": "text",
        "by": {"role": "customer", "name": "Ada"},
        "text": "Help",
        "ref": "o1",
    }


@pytest.mark.parametrize("token", ["hdc_unknown", "", "hda_x", "x" * 5000, "\u202e"])
async def test_an_unknown_token_is_no_error(desk: Desk, token: str) -> None:
    welcome = (await desk.customer(token=token)).welcome
    assert welcome["token"].startswith("hdc_")
    assert welcome["token"] != token
    assert welcome["request"] is None


async def test_a_token_is_worth_nothing_before_the_first_open(desk: Desk) -> None:
    first = await desk.customer()
    second = await desk.customer(token=first.welcome["token"])
    assert second.welcome["token"] != first.welcome["token"]


async def test_a_token_is_stored_as_a_hash_alone(desk: Desk) -> None:
    token = (await desk.asker(text="Help")).welcome["token"].encode()
    files = list(desk.settings.database_path.parent.iterdir())
    stored = b"".join(path.read_bytes() for path in files if path.is_file())
    assert b"Help" in stored
    assert token not in stored


async def test_a_token_is_worth_nothing_on_another_site(start: Start) -> None:
    async with start(sites={"shop": {"greeting": "Hi"}}) as desk:
        first = await desk.asker()
        other = await desk.customer(token=first.welcome["token"], site="shop")
        assert other.welcome["request"] is None
        assert other.welcome["token"] != first.welcome["token"]


async def test_after_brings_exactly_the_rest(start: Start) -> None:
    async with start(**FREE) as desk:
        first = await desk.asker()
        for number in range(3, 9):
            assert (await first.ok("send", text=f"{number}"))["seq"] == number
        for after in range(9):
            welcome = await resume(desk, first, after=after)
            assert welcome["reset"] is False
            assert welcome["more"] is False
            assert seqs(welcome["messages"]) == list(range(after + 1, 9))


@pytest.mark.parametrize(
    "hello",
    [
        {"after": 99},
        {"request": 77, "after": 1},
        {"request": None, "after": 1},
        {"epoch": "another", "after": 1},
        {"epoch": None, "after": 1},
    ],
)
async def test_what_does_not_fit_brings_all_with_a_reset(desk: Desk, hello: Frame) -> None:
    first = await desk.asker(text="Help")
    welcome = await resume(desk, first, **hello)
    assert welcome["reset"] is True
    assert seqs(welcome["messages"]) == [1, 2, 3]


async def test_the_latest_request_comes_and_not_the_one_that_is_named(desk: Desk) -> None:
    first = await desk.asker(text="one")
    await first.ok("close")
    await first.ok("open", text="two")
    welcome = await resume(desk, first, after=1)
    assert (welcome["request"]["id"], welcome["reset"]) == (2, True)
    assert texts(welcome["messages"])[-1] == "two"


async def test_a_closed_request_comes_too_and_can_be_resumed(desk: Desk) -> None:
    first = await desk.asker(text="Help")
    await first.ok("close")
    welcome = await resume(desk, first, after=3)
    assert (welcome["request"]["status"], welcome["reset"]) == ("closed", False)
    assert TIME.fullmatch(welcome["request"]["closed_at"])
    assert [message["activity"] for message in welcome["messages"]] == ["closed"]


async def test_who_names_a_request_that_is_no_more_is_told_to_forget_it(desk: Desk) -> None:
    welcome = (await desk.customer(token="hdc_purged", request=5, after=3)).welcome
    assert (welcome["request"], welcome["messages"], welcome["reset"]) == (None, [], True)


async def test_an_epoch_lives_as_long_as_its_database(start: Start) -> None:
    async with start() as desk:
        epoch = (await desk.customer()).welcome["epoch"]
        assert (await desk.agent("Sam")).welcome["epoch"] == epoch
    async with start() as desk:
        assert (await desk.customer()).welcome["epoch"] == epoch


async def test_what_was_written_is_there_after_a_restart(start: Start) -> None:
    async with start() as desk:
        first = await desk.asker(text="Help")
    async with start() as desk:
        welcome = await resume(desk, first, after=2)
        assert welcome["reset"] is False
        assert texts(welcome["messages"]) == ["Help"]


async def test_who_is_at_the_desk_is_told_when_it_changes(start: Start) -> None:
    async with start(away_message="Later") as desk:
        customer = await desk.customer()
        sam = await desk.agent("Sam")
        online = {"name": "Support", "online": True, "away_message": None}
        offline = {"name": "Support", "online": False, "away_message": "Later"}
        assert (await customer.push("desk"))["desk"] == online
        assert (await desk.customer()).welcome["desk"] == online
        await sam.ok("status", status="away")
        assert (await customer.push("desk"))["desk"] == offline
        await sam.ok("status", status="online")
        assert (await customer.push("desk"))["desk"] == online
        kim = await desk.agent("Kim")
        await sam.socket.close()
        await kim.ok("ping")
        assert customer.waiting("desk") == []
        await kim.socket.close()
        assert (await customer.push("desk"))["desk"] == offline


async def test_greeting_and_away_message_come_in_the_customer_s_language(start: Start) -> None:
    own = {"greetings": {"de": "Tag", "pt-br": "Oi"}, "away_messages": {"de": "Um neun"}}
    async with start(greeting="Hi", away_message="At nine", **own) as desk:
        for locale, greeting, away in [
            ("de-AT", "Tag", "Um neun"),
            ("pt-BR", "Oi", "At nine"),
            ("pt", "Hi", "At nine"),
            (None, "Hi", "At nine"),
        ]:
            customer = await desk.customer(locale=locale)
            assert customer.welcome["desk"]["away_message"] == away
            opened = await customer.ask("open")
            assert texts(opened["messages"]) == [greeting]
        page = {"url": "https://shop.example/", "title": "", "referrer": ""}
        await customer.send("page", page=page, locale="de")
        assert (await customer.push("desk"))["desk"]["away_message"] == "Um neun"
        sam = await desk.agent("Sam")
        assert (await customer.push("desk"))["desk"]["online"] is True
        await customer.send("page", page=page, locale="en")
        await sam.socket.close()
        assert (await customer.push("desk"))["desk"]["away_message"] == "At nine"


async def test_a_desk_that_sets_no_greeting_greets_in_the_widget_s_languages(start: Start) -> None:
    languages = sorted(file.stem for file in (WIDGET / "texts").glob("*.js"))
    async with start() as desk:
        customers = [await desk.customer(locale=language) for language in languages]
        greetings = [texts((await one.ask("open"))["messages"])[0] for one in customers]
        aways = [one.welcome["desk"]["away_message"] for one in customers]
    assert len({*greetings}) == len({*aways}) == len(languages) == 7
