"""Frames that have come and wait to be taken, and when there are enough of them. No sockets."""

MOST_FRAMES = 64
MOST_BYTES = 2**18
"""Behind so many bytes, or frames, the socket is not read: it slows the client down."""


# No deque: an empty one has ten times the memory, and most are empty.
class Inbox(list[tuple[bytes | None, float]]):
    """Frames with the times at which they came, first in, first out; a binary message is None."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        """Nothing has come."""
        super().__init__()
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether nothing more should come for now."""
        return len(self) >= MOST_FRAMES or self._bytes >= MOST_BYTES

    def put(self, frame: bytes | None, at: float) -> None:
        """Add *frame*, which has come *at* that time, at the end."""
        self.append((frame, at))
        self._bytes += len(frame or b"")

    def take(self) -> tuple[bytes | None, float]:
        """Return the first frame, which must be there, with when it came, and forget it."""
        frame, at = self.pop(0)
        self._bytes -= len(frame or b"")
        return frame, at

    def clear(self) -> None:
        """Forget all frames."""
        super().clear()
        self._bytes = 0
