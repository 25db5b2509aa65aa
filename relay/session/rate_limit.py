"""Token bucket. Reads no clock: seconds of a steady clock come in as an argument."""


class TokenBucket:
    """Rate limiter: lets *burst* through at once, and *rate* a second in the long run; 0 is off."""

    __slots__ = ("_burst", "_filled_at", "_rate", "_tokens")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """Start full at *now*."""
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled_at = now

    def acquire(self, now: float) -> float:
        """Take one token and return 0, or take none and return the seconds until there is one."""
        if not self._fill(now):
            return 0.0
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate

    def spend(self, amount: int, now: float) -> float:
        """Take *amount* tokens, on credit if need be; return the seconds until none is owed."""
        if not self._fill(now):
            return 0.0
        self._tokens -= amount
        return max(0.0, -self._tokens / self._rate)

    def _fill(self, now: float) -> bool:
        """Add the tokens of the time that has passed; return whether there is a limit at all."""
        if not self._rate or not self._burst:
            return False
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._filled_at) * self._rate)
        self._filled_at = now
        return True
