"""Telemetry of the desk: counts and log events of what is stored. Decides nothing."""

from relay import log
from relay.desk.events import Message, Role
from relay.desk.request import Record, Status
from relay.log import Log, Word
from relay.metrics import Counts
from relay.service.setup_faults import SetupFaults
from relay.service.use_cases import Change


class Telemetry:
    """Counts and logs what is stored, deleted and resumed."""

    def __init__(self, counts: Counts, log_: Log, faults: SetupFaults) -> None:
        """Count in *counts* and log to *log_*; what is set up wrongly is noted in *faults*."""
        self._counts = counts
        self._log = log_
        self.faults = faults
        """Faults of the set-up that clients run into."""

    @property
    def messages(self) -> int:
        """The number of messages stored since the start."""
        return self._counts.messages.total()

    def stored(self, change: Change) -> None:
        """Record *change*, which is committed and did something."""
        record = change.record
        if change.before is not None and change.before.request.status is not record.request.status:
            self._counts.closed_requests += _is_closed(record) - _is_closed(change.before)
        for message in change.messages:
            kind = message.event.kind
            self._counts.messages[kind, message.by.role] += 1
            event = log.ACTIVITY_STORED if kind == "activity" else log.MESSAGE_STORED
            if log.is_enabled(event):
                self._log_message(event, record.request.id, message)

    def deleted(self, record: Record) -> None:
        """Record that *record* is gone, with all its messages."""
        self._counts.closed_requests -= _is_closed(record)
        self._log.emit(log.REQUEST_DELETED, request=record.request.id)

    def resumed(self, role: Role, messages: int) -> None:
        """Record that a connection of *role* resumed, with the *messages* that it had missed."""
        self._counts.resumes[role] += 1
        self._counts.resumed_messages[role] += messages

    def agent_changed(self, agent: int, by: int, how: str) -> None:
        """Record that *by* (0: the desk) added or changed *agent*; *how* is a fixed word."""
        self._log.emit(log.AGENT_CHANGED, agent=agent, by=by, change=Word(how))

    def canned_changed(self, by: int) -> None:
        """Record that *by* changed the canned responses."""
        self._log.emit(log.CANNED_CHANGED, by=by)

    def failed(self, error: BaseException) -> None:
        """Record *error*, a fault of the program."""
        self._log.emit(log.FAILED, error)

    def _log_message(self, event: log.Event, number: int, message: Message) -> None:
        self._log.emit(
            event,
            request=number,
            seq=message.seq,
            kind=Word(message.event.activity or message.event.kind),
            role=message.by.role,
            author=message.by.id,
        )


def _is_closed(record: Record) -> bool:
    return record.request.status is Status.CLOSED
