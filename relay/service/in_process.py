"""Frames of actors without a connection: validated and authorized as those of a socket."""

from collections.abc import Callable
from typing import TypeVar

from relay.desk.actors import Actor, CustomerActor
from relay.errors import Code, Refused
from relay.service.context import ADMINS_ONLY, Context
from relay.service.reply import Reply
from relay.service.routes import UNROUTED
from relay.service.telemetry import Telemetry
from relay.wire.objects import OutboundFrame
from relay.wire.validation import Frame, validated

T = TypeVar("T")


def accepted(context: Context, actor: Actor, frame: Frame) -> Frame:
    """Return *frame* with sanitized strings; raise :exc:`Refused` if *actor* may not send it.

    A connection is closed when its agent is revoked; an actor without one is looked up each time.
    """
    if type(frame) in UNROUTED:
        raise Refused(Code.INVALID, "Only a connection sends this frame.")
    if isinstance(actor, CustomerActor):
        return validated(frame, context.config.customer_limits.text)
    if actor.agent is not None:
        known = context.directory.agents.get(actor.agent.id)
        revoked = actor.key is not None and context.directory.by_token(actor.key) is None
        if known is None or known.disabled or revoked:
            raise Refused(Code.UNAUTHORIZED, "Your access has ended; ask an admin.")
        if frame.ADMIN and not (known.admin or actor.control):
            raise Refused(Code.FORBIDDEN, ADMINS_ONLY)
    return validated(frame, context.config.agent_limits.text)


class ShieldedReply(Reply):
    """Reply of an in-process caller; its failures are logged and keep nobody else from the answer.

    The message is committed before the caller is answered, and others still have to get it.
    """

    def __init__(self, reply: Reply, telemetry: Telemetry) -> None:
        """Deliver by *reply*, and record its failures in *telemetry*."""
        self.ref = reply.ref
        self._reply = reply
        self._telemetry = telemetry
        self._answered = False

    def ok(self, frame: OutboundFrame) -> None:
        """Answer with *frame*."""
        self._answered = True
        self._deliver(lambda: self._reply.ok(frame))

    def error(self, refused: Refused) -> None:
        """Answer with an error."""
        self._answered = True
        self._deliver(lambda: self._reply.error(refused))

    def finish(self) -> None:
        """Finish without an answer."""
        self._answered = True
        self._deliver(self._reply.finish)

    def push(self, frame: OutboundFrame) -> None:
        """Send *frame* besides the answer."""
        self._deliver(lambda: self._reply.push(frame))

    def detach(self) -> None:
        """Let later frames be handled before this one is answered."""
        self._deliver(self._reply.detach)

    def after(self, on_committed: Callable[[T], None]) -> Callable[[T | Refused], None]:
        """Return the callback for a job of the store, which answers even if a handler fails."""
        on_result = super().after(on_committed)

        def on_result_or_failure(outcome: T | Refused) -> None:
            try:
                on_result(outcome)
            except Exception as error:  # noqa: BLE001 - the caller still waits for an answer
                self._telemetry.failed(error)
                if not self._answered:
                    self.error(Refused(Code.UNAVAILABLE, "The relay failed."))

        return on_result_or_failure

    def _deliver(self, deliver: Callable[[], None]) -> None:
        try:
            deliver()
        except Exception as error:  # noqa: BLE001 - whatever the caller's own code raises
            self._telemetry.failed(error)
