"""What a purge counts: the sum of what went, or would go. Data alone."""

from dataclasses import dataclass

from relay.desk.events import Millis


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests with their messages. ``bytes`` are those of the messages' texts in UTF-8.

    ``oldest`` and ``newest`` are when the first and the last of them were opened, None of nothing;
    ``held`` counts requests that were left because of a hold.
    """

    requests: int = 0
    messages: int = 0
    bytes: int = 0
    oldest: Millis | None = None
    newest: Millis | None = None
    held: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Return what both count together."""
        ages = [at for at in (self.oldest, self.newest, other.oldest, other.newest) if at]
        return Tally(
            self.requests + other.requests,
            self.messages + other.messages,
            self.bytes + other.bytes,
            min(ages, default=None),
            max(ages, default=None),
            self.held + other.held,
        )
