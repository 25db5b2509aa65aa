"""The hub: connections, what they watch, and the agents online."""

import pytest

from relay.desk.events import DESK, Author, Role
from relay.hub import Hub
from tests.unit.relay.peers import agent_peer, customer_peer
from tests.unit.relay.samples import AGENTS

SAM, KIM = AGENTS[3], AGENTS[5]


def test_nobody_is_there_at_first() -> None:
    hub = Hub()
    assert (hub.customers(), hub.agents(), hub.watchers(42), hub.watched()) == ([], [], [], [])
    assert (hub.status(3), hub.online(), hub.watching_agents(42)) == ("offline", False, {})
    assert (hub.interested(42), hub.customers("key-of-ada")) == ([], [])


def test_the_tabs_of_one_customer_are_found_by_their_key_in_the_order_they_came() -> None:
    hub, one, two, other = Hub(), customer_peer(), customer_peer(), customer_peer("other")
    for peer in (one, two, other):
        hub.add(peer)
    assert hub.customers("key-of-ada") == [one, two]
    assert hub.customers() == [one, two, other]
    hub.remove(one)
    assert hub.customers("key-of-ada") == [two]
    hub.remove(two)
    assert hub.customers("key-of-ada") == []
    assert hub.customers() == [other]


def test_who_joined_watches_until_they_leave_the_request() -> None:
    hub, sam, kim = Hub(), agent_peer(SAM), agent_peer(KIM)
    hub.add(sam)
    hub.add(kim)
    hub.watch(kim, 42)
    hub.watch(sam, 42)
    hub.watch(sam, 43)
    assert (hub.watchers(42), hub.watchers(43), hub.watched()) == ([kim, sam], [sam], [42, 43])
    assert (sam.joined, kim.joined) == ({42, 43}, {42})
    hub.unwatch(sam, 43)
    assert (hub.watchers(43), hub.watched(), sam.joined) == ([], [42], {42})


def test_watching_twice_is_watching_once() -> None:
    hub, sam = Hub(), agent_peer()
    hub.add(sam)
    hub.watch(sam, 42)
    hub.watch(sam, 42)
    assert hub.watchers(42) == [sam]
    hub.unwatch(sam, 42)
    assert hub.watched() == []


def test_to_stop_watching_what_one_never_watched_is_nothing() -> None:
    hub, sam = Hub(), agent_peer()
    hub.add(sam)
    hub.unwatch(sam, 42)
    assert hub.watched() == []


def test_a_connection_that_is_gone_watches_nothing_and_starts_nothing() -> None:
    hub, sam = Hub(), agent_peer()
    hub.add(sam)
    hub.watch(sam, 42)
    hub.remove(sam)
    assert (hub.agents(), hub.watchers(42), hub.watched(), sam.joined) == ([], [], [], set())
    hub.watch(sam, 42)
    assert (hub.watchers(42), sam.joined) == ([], set())


@pytest.mark.parametrize("peer", [agent_peer(), customer_peer()], ids=["agent", "customer"])
def test_leaving_twice_is_leaving_once(peer: object) -> None:
    hub = Hub()
    hub.add(peer)  # type: ignore[arg-type]
    hub.remove(peer)  # type: ignore[arg-type]
    hub.remove(peer)  # type: ignore[arg-type]
    assert (hub.agents(), hub.customers()) == ([], [])


def test_the_queue_and_those_who_joined_hear_of_a_change() -> None:
    hub = Hub()
    console, bot, joined = agent_peer(), agent_peer(KIM, queue=False), agent_peer(KIM, queue=False)
    for peer in (console, bot, joined):
        hub.add(peer)
    hub.watch(joined, 42)
    assert hub.interested(42) == [console, joined]
    assert hub.interested(43) == [console]


def test_one_agent_on_two_connections_is_one_agent() -> None:
    hub, desk, phone = Hub(), agent_peer(SAM), agent_peer(SAM)
    hub.add(desk)
    hub.add(phone)
    hub.watch(desk, 42)
    hub.watch(phone, 42)
    assert hub.watching_agents(42) == {3: SAM}
    hub.remove(desk)
    assert hub.watching_agents(42) == {3: SAM}
    assert hub.status(3) == "online"
    hub.remove(phone)
    assert hub.watching_agents(42) == {}
    assert hub.status(3) == "offline"


def test_away_holds_for_all_connections_of_an_agent_until_the_last_is_gone() -> None:
    hub, desk, phone = Hub(), agent_peer(SAM), agent_peer(SAM)
    hub.add(desk)
    hub.add(phone)
    hub.set_away(3, away=True)
    assert (hub.status(3), hub.online()) == ("away", False)
    hub.remove(desk)
    assert hub.status(3) == "away"
    hub.remove(phone)
    hub.add(desk)
    assert (hub.status(3), hub.online()) == ("online", True)


def test_who_comes_back_from_away_is_online() -> None:
    hub, sam = Hub(), agent_peer()
    hub.add(sam)
    hub.set_away(3, away=True)
    hub.set_away(3, away=False)
    hub.set_away(3, away=False)
    assert (hub.status(3), hub.online()) == ("online", True)


def test_the_desk_is_online_while_anybody_is() -> None:
    hub, sam, kim = Hub(), agent_peer(SAM), agent_peer(KIM)
    hub.add(sam)
    hub.add(kim)
    hub.set_away(3, away=True)
    assert hub.online()
    hub.remove(kim)
    assert not hub.online()


@pytest.mark.parametrize("who", [None, SAM], ids=["the desk", "an agent"])
def test_the_control_socket_is_nobody_at_the_desk(who: object) -> None:
    hub, control = Hub(), agent_peer(who, control=True)  # type: ignore[arg-type]
    hub.add(control)
    hub.watch(control, 42)
    assert (hub.online(), hub.status(3)) == (False, "offline")
    assert hub.watchers(42) == [control]
    hub.remove(control)
    assert hub.agents() == []


def test_what_is_said_at_the_control_socket_is_by_the_desk_or_by_whom_it_names() -> None:
    assert agent_peer(None).author == DESK
    assert agent_peer(SAM).author == Author(Role.AGENT, 3, "Sam")


def test_what_somebody_wrote_is_theirs_on_every_connection_and_under_every_name() -> None:
    renamed = Author(Role.AGENT, 3, "Samuel")
    assert [agent_peer(SAM).is_author(by) for by in (renamed, DESK)] == [True, False]
    assert [agent_peer(None).is_author(by) for by in (renamed, DESK)] == [False, True]
    ada, namesake = Author(Role.CUSTOMER, 17, None), Author(Role.AGENT, 17, "Ada")
    assert [customer_peer().is_author(by) for by in (ada, namesake)] == [True, False]
    assert not agent_peer(SAM).is_author(Author(Role.CUSTOMER, 3, "Sam"))
