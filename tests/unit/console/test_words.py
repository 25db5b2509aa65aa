"""The smaller words of the console: links, canned responses, emoji, browsers, colleagues."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from helpdesk_tui.emoji import all_emoji, find_shortcodes, replace_shortcode, shortcode_prefix
from helpdesk_tui.model.customer import browser, profile
from helpdesk_tui.model.formatted_text import formatted, links
from helpdesk_tui.model.objects import fill_names
from helpdesk_tui.model.presence import collision
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.wrap import wrap
from relay.wire import agent_out, objects
from tests.unit.console.sample_frames import AT, KIM, ME, message, new_seat, request, welcome


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://x.example/a, please", ("https://x.example/a",)),
        ("(https://x.example/a_(b))", ("https://x.example/a_(b)",)),
        (
            "HTTP://X.example and http://x.example http://x.example",
            ("HTTP://X.example", "http://x.example"),
        ),
        ("javascript:alert(1) file:///etc/passwd ftp://x https://", ()),
        ("https://x.example/\x1b]52;c;aGk=\x07", ("https://x.example/",)),
        ("https://x.example/\u202egnp", ("https://x.example/",)),
        ("https://x.example/" + "a" * 3000, ()),
    ],
)
def test_only_addresses_that_are_safe_are_links(text: str, found: tuple[str, ...]) -> None:
    assert links((text,)) == found


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("see https://x.example.evil/login or https://x.example", 80),
        ("https://a.example/x and https://a.example/xyz", 80),
        ("(((((https://a.example/x?u=https://b.example/y), https://b.example", 12),
    ],
)
def test_an_address_leads_to_itself_whatever_begins_alike(text: str, width: int) -> None:
    lines = wrap(text, width)
    shown = list(formatted(text).split(lines))
    assert ["".join(part.words for part in parts) for parts in shown] == lines
    whole: dict[str, str] = {}
    for part in (part for parts in shown for part in parts if part.address):
        whole[part.address] = whole.get(part.address, "") + part.words
    assert list(whole) == list(links((text,)))
    assert all(words == address for address, words in whole.items())


@given(st.text(st.sampled_from("a /:.é*_`-\n"), max_size=40), st.integers(2, 12))
def test_no_word_is_lost_where_formats_are_looked_for(text: str, width: int) -> None:
    shown = formatted(text.replace("a", "https://a.example").strip())
    lines = wrap(shown.words, width)
    assert ["".join(part.words for part in parts) for parts in shown.split(lines)] == lines


def test_formats_are_where_the_words_are_and_a_list_has_its_bullets() -> None:
    shown = formatted("**Now**:\n- `rm *`\n- see *https://a.example*\n7. a\n8. b")
    assert shown.words == "Now:\n• rm *\n• see https://a.example\n7. a\n8. b"
    assert [
        (part.words, part.formats)
        for parts in shown.split(shown.words.split("\n"))
        for part in parts
        if part.formats
    ] == [("Now", "b"), ("rm *", "c"), ("https://a.example", "ai")]


def test_a_canned_response_has_the_names_and_no_name_is_a_template() -> None:
    text = "Hello {customer}, {agent} here. {order}"
    assert fill_names(text, customer="Ada Lovelace", agent="Sam") == "Hello Ada, Sam here. {order}"
    assert fill_names(text, customer="{agent}", agent="Sam") == "Hello {agent}, Sam here. {order}"
    assert fill_names("Hi {customer}!", customer="", agent="Sam") == "Hi !"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        *(("well :tada:", "well \N{PARTY POPPER}"), ("(:tada:", "(\N{PARTY POPPER}")),
        *(("10:30:", ""), ("a: b:", ""), (":nope_no:", "")),
        *(("root:x:", ""), ("fe80:a:", ""), ("1:100:", ""), ("::a:", "")),
    ],
)
def test_a_name_between_colons_becomes_its_emoji(text: str, becomes: str) -> None:
    assert replace_shortcode(text) == becomes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(
            (":ta", "ta"),
            ("so :tad", "tad"),
            ("(:+1", "+1"),
            (":t", ""),
            ("10:30", ""),
            ("a:ta", ""),
        ),
        *(("http://x", ""), (":D", ""), (":-)", ""), ("::ta", ""), (":ta da", ""), (":tada:", "")),
    ],
)
def test_a_name_begins_with_a_colon_after_no_word(text: str, name: str) -> None:
    assert shortcode_prefix(text) == name


def test_the_emoji_of_a_beginning_are_few_the_shortest_names_first_and_each_once() -> None:
    assert find_shortcodes("party_p", 5) == (("\N{PARTY POPPER}", "party_popper"),)
    assert [name for _, name in find_shortcodes("smi", 3)] == ["smile", "smirk", "smiley"]
    assert ("\N{PARTY POPPER}", "party_popper") in find_shortcodes("popper", 5)
    assert len({emoji for emoji, _ in find_shortcodes("ta", 50)}) == len(find_shortcodes("ta", 50))
    assert find_shortcodes("no_such", 5) == ()


def test_every_emoji_to_choose_is_one_printable_character() -> None:
    assert ("\N{PARTY POPPER}", "party popper") in all_emoji()
    assert all(len(emoji) == 1 and emoji.isprintable() for emoji, _ in all_emoji())


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) Gecko/2010 Firefox/128.0",
            "Firefox 128 on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge 126 on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/17.5 Mobile Safari/604.1",
            "Safari 17 on iPhone",
        ),
        ("curl/8", "curl/8"),
    ],
)
def test_a_browser_in_words(user_agent: str, words: str) -> None:
    assert browser(user_agent) == words


def test_the_side_pane_says_what_is_known_and_nothing_that_is_not() -> None:
    seat = new_seat()
    told = request(
        1, rating=objects.RatingObject(4, "Quick!", AT), tags=["billing"], locale="en-GB"
    )
    reduce(seat, welcome(told), 0.0)
    seat.open_request(1)
    seat.fetch_earlier()
    earlier = request(0, status="closed", last=objects.LastObject("Long ago", "customer", AT))
    reduce(seat, agent_out.Listed("r2", [told, earlier], more=False), 0.0)
    lines = {line.label: line.text for line in profile(seat, UTC)}
    assert lines["rating"] == "★★★★☆ 4 of 5"
    assert lines["#0"] == "2026-11-22 10:35, closed"
    assert "email" not in lines
    assert all(line.text for line in profile(seat, UTC))


def test_a_colleague_who_has_answered_since_one_began_to_write_is_named_once() -> None:
    kims = objects.By("agent", KIM.id, KIM.name)
    seat = new_seat()
    reduce(seat, welcome(request(1, seq=2)), 0.0)
    seat.open_request(1)
    old = [message(1), message(2, kims)]
    reduce(seat, agent_out.Joined("j", request(1, seq=2), old, more=False), 0.0)
    seat.draft("I")
    seat.draft("I look")
    assert collision(seat, 0.0) == "", "the older answer was seen"
    reduce(seat, objects.MessagePush(1, message(3)), 0.0)
    reduce(seat, objects.MessagePush(1, message(4, objects.By("agent", ME.id, ME.name))), 0.0)
    assert collision(seat, 0.0) == ""
    reduce(seat, objects.MessagePush(1, message(5, kims)), 0.0)
    hours_later = 9e4
    answered = "Kim has answered here since you began to write."
    assert collision(seat, hours_later) == answered
    seat.note_answers()
    seat.draft("I looked, too")
    assert collision(seat, hours_later) == ""
    reduce(seat, objects.MessagePush(1, message(6, kims)), 0.0)
    assert collision(seat, hours_later) == answered
    seat.draft("")
    seat.draft("anew")
    assert collision(seat, hours_later) == ""


def test_a_colleague_who_writes_in_the_same_request_is_named() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1)), 0.0)
    seat.open_request(1)
    assert collision(seat, 0.0) == ""
    reduce(seat, agent_out.Watching(1, [ME, KIM]), 0.0)
    reduce(seat, objects.Typing(1, "agent", True), 0.0)
    assert collision(seat, 1.0) == "Kim is writing an answer here, too."
    lou = structs.replace(KIM, id=6, name="Lou")
    reduce(seat, agent_out.Watching(1, [ME, KIM, lou]), 1.0)
    assert collision(seat, 1.0) == "A colleague is writing an answer here, too."
    assert collision(seat, 9.0) == ""
