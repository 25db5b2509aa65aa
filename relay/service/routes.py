"""Routes: the table from a frame's type to the handler that gets it."""

from collections.abc import Callable
from types import UnionType
from typing import Any, Generic, TypeVar, get_args

from relay.desk.actors import Actor
from relay.service.reply import Reply
from relay.wire import agent_in, customer
from relay.wire.objects import InboundFrame

A = TypeVar("A", bound=Actor)
F = TypeVar("F", bound=InboundFrame)
Handlers = dict[type[InboundFrame], Callable[[A, Any, Reply], None]]

UNROUTED = frozenset({customer.Hello, customer.Ping, agent_in.Hello, agent_in.Ping})
"""Frames that never come to a handler: ``hello`` makes the peer, the session answers ``ping``."""


class Routes(Generic[A]):
    """Handlers by frame type, for the frames of one role. Each handler module adds its own."""

    def __init__(self) -> None:
        """Start empty."""
        self._handlers: Handlers[A] = {}

    def add(self, frame_type: type[F], handler: Callable[[A, F, Reply], None]) -> None:
        """Route frames of *frame_type* to *handler*; raise :exc:`ValueError` for a second one."""
        if frame_type in self._handlers:
            raise ValueError(f"{frame_type.__qualname__} has a handler already")
        self._handlers[frame_type] = handler

    def complete(self, frames: UnionType) -> Handlers[A]:
        """Return the table; raise :exc:`ValueError` unless each of *frames* has its handler."""
        missing = set(get_args(frames)) - UNROUTED - set(self._handlers)
        if missing:
            names = ", ".join(sorted(each.__qualname__ for each in missing))
            raise ValueError(f"no handler for {names}")
        return self._handlers
