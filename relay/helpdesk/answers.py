"""Answers that fit into one frame of 512 KiB: the newest come, ``more`` says there are others."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from relay.hub import CustomerPeer, Peer
from relay.store.reading import Page
from relay.wire.codec import encode
from relay.wire.objects import MessageObject
from relay.wire.view import message_for_agents, message_for_customer

T = TypeVar("T", bound=Struct)

ANSWER_BYTES = 500 * 1024
"""Bytes for the items of an answer; the rest of 512 KiB is for what stands around them."""


def fitting(items: Sequence[T], room: int = ANSWER_BYTES) -> tuple[list[T], bool]:
    """Return the first of *items* that fit into *room* bytes, and whether some were left out."""
    size = 0
    for count, item in enumerate(items):
        size += len(encode(item)) + 1
        if size > room:
            return list(items[:count]), True
    return list(items), False


def messages_fitting(page: Page, peer: Peer, desk: str) -> tuple[list[MessageObject], bool]:
    """Return the newest messages of *page* as *peer* sees them, oldest first, and ``more``.

    What *peer*'s own side of the screen has sent bears its ``ref``.
    """
    view = message_for_customer if isinstance(peer, CustomerPeer) else message_for_agents
    newest_first = [
        view(message, desk, own=peer.is_author(message.by)) for message in reversed(page.messages)
    ]
    fit, cut = fitting(newest_first)
    return fit[::-1], page.more or cut
