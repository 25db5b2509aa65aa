"""Effects that the model asks for, and the states of the connection. Data alone."""

from dataclasses import dataclass

from helpdesk_tui.model.outbox import Unsent
from relay.wire import agent_in


@dataclass(frozen=True, slots=True)
class Connecting:
    """A connection is being opened."""


@dataclass(frozen=True, slots=True)
class Online:
    """The relay has welcomed this agent."""


@dataclass(frozen=True, slots=True)
class Offline:
    """Not connected; ``retry_at`` is the instant of the next attempt."""

    reason: str
    retry_at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The relay does not want a reconnect; ``unauthorized``: it refuses the token."""

    reason: str
    unauthorized: bool


LinkState = Connecting | Online | Offline | Ended


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Send *frame* in *after* seconds, on this connection or not at all."""

    frame: agent_in.ClientFrame
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class SendText:
    """Send *unsent* on this connection, until it is answered."""

    unsent: Unsent


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Save the draft and the unsent texts of *request* to the disk; soon, or at once."""

    request: int
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class LoadDrafts:
    """Load from the disk what *agent* had not sent when the relay's data was of *epoch*.

    What the seat has unsent belongs to another epoch: it is saved first, then replaced.
    """

    agent: int
    epoch: str


@dataclass(frozen=True, slots=True)
class ShowRequest:
    """Show *request* with its draft in the chat pane, or an empty pane."""

    request: int | None


@dataclass(frozen=True, slots=True)
class ShowNotice:
    """Show *sentence* to the agent."""

    sentence: str


Effect = SendFrame | SendText | SaveDraft | LoadDrafts | ShowRequest | ShowNotice
Effects = tuple[Effect, ...]
