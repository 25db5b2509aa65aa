"""How a delivery went: a word for machines, and its meaning for people. Data alone."""

from dataclasses import dataclass
from enum import StrEnum

WITHIN = 10.0
"""Seconds that a delivery may take, from the name's lookup to the status."""


class Outcome(StrEnum):
    """How a delivery went. All but the first are tried again."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    GARBLED = "garbled"


MEANINGS = {
    Outcome.DELIVERED: "answered with a status of 200 to 299",
    Outcome.REFUSED: "answered with another status; a redirect is one, and not followed",
    Outcome.TIMED_OUT: f"no status within {WITHIN:.0f} s",
    Outcome.UNREACHABLE: "no such host, no connection, or one that was cut",
    Outcome.UNTRUSTED: "no TLS, or a certificate that this machine does not believe",
    Outcome.GARBLED: "the connection ended without an answer, or with what is none in HTTP",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``retry_after`` is the header as it stood."""

    outcome: Outcome
    status: int | None = None
    retry_after: str | None = None
