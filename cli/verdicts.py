"""What `helpdesk doctor` can find: a check, its outcome, and a sentence. Data alone."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended. Only ``failed`` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check, and what there is to say of it."""

    check: str
    outcome: Outcome
    says: str
