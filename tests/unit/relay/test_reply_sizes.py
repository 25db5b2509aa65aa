"""Answers fit into one frame: with the newest messages, and `more` if there are others."""

from hypothesis import given
from hypothesis import strategies as st

from relay.desk.events import Message, Sent
from relay.service.context import ANSWER_BYTES, CUSTOMER_ANSWER_BYTES, fitting, messages_fitting
from relay.store.values import MessagePage
from relay.wire.codec import encode
from relay.wire.objects import Canned, History
from tests.unit.relay.peers import agent_peer, customer_peer
from tests.unit.relay.samples import ADA, AGENTS, AT, SAM
from tests.unit.relay.search import few

FRAME_LIMIT = 512 * 1024


def said(*lengths: int) -> list[Message]:
    return [
        Message(seq, seq, Sent("é" * length), ADA if seq % 2 else SAM, AT, f"ref-{seq}")
        for seq, length in enumerate(lengths, start=1)
    ]


def test_what_fits_comes_whole() -> None:
    items = [Canned("a", "x"), Canned("b", "y")]
    assert fitting(items) == (items, False)
    assert fitting([]) == ([], False)


def test_what_does_not_fit_is_left_out_from_its_end() -> None:
    items = [Canned("a", "x" * (ANSWER_BYTES // 2))] * 3
    assert fitting(items) == (items[:1], True)


def test_an_answer_of_exactly_the_bytes_fits() -> None:
    around = len(encode(Canned("a", ""))) + 1
    assert fitting([Canned("a", "x" * (ANSWER_BYTES - around))])[1] is False
    assert fitting([Canned("a", "x" * (ANSWER_BYTES - around + 1))]) == ([], True)


def test_the_newest_messages_are_the_ones_that_come() -> None:
    page = MessagePage(said(*[60_000] * 6), more=False)
    shown, more = messages_fitting(page, agent_peer(), "Acme")
    assert ([message.seq for message in shown], more) == ([3, 4, 5, 6], True)


def test_a_customer_gets_what_a_slow_line_carries_in_time_but_always_the_newest() -> None:
    shown, more = messages_fitting(
        MessagePage(said(*[1_000] * 60), more=False), customer_peer(), ""
    )
    assert [message.seq for message in shown] == list(range(61 - len(shown), 61))
    assert more
    assert 40 < len(shown) < 50
    assert len(encode(shown)) <= CUSTOMER_ANSWER_BYTES
    page = MessagePage(said(1, CUSTOMER_ANSWER_BYTES), more=False)
    shown, more = messages_fitting(page, customer_peer(), "Acme")
    assert ([message.seq for message in shown], more) == ([2], True)


def test_more_stays_more() -> None:
    assert messages_fitting(MessagePage(said(1), more=True), agent_peer(), "Acme")[1] is True
    assert messages_fitting(MessagePage(said(1), more=False), agent_peer(), "Acme")[1] is False


def test_only_ones_own_messages_bear_their_ref() -> None:
    page = MessagePage(said(1, 1, 1), more=False)
    as_ada, _ = messages_fitting(page, customer_peer(), "Acme")
    assert [bool(message.ref) for message in as_ada] == [True, False, True]
    as_sam, _ = messages_fitting(page, agent_peer(AGENTS[3]), "Acme")
    assert [bool(message.ref) for message in as_sam] == [False, True, False]
    as_desk, _ = messages_fitting(page, agent_peer(None), "Acme")
    assert [bool(message.ref) for message in as_desk] == [False] * 3


@given(st.lists(st.sampled_from([0, 10, 40_000, 200_000]), max_size=8))
@few
def test_an_answer_is_never_over_512_kib(lengths: list[int]) -> None:
    page = MessagePage(said(*lengths), more=False)
    shown, more = messages_fitting(page, customer_peer(), "Acme")
    assert len(encode(History("r" * 64, shown, more))) <= FRAME_LIMIT
    newest = range(len(lengths) - len(shown) + 1, len(lengths) + 1)
    assert [message.seq for message in shown] == list(newest)
    assert more == (len(shown) < len(lengths))
