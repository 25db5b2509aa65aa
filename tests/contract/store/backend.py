"""The hooks that a store provides, so that the contract can be tested on it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Moment = Literal["before", "after"]


@dataclass
class Fault:
    """Fails the call number ``at`` of the writer to its database, before or after it is made.

    ``calls`` counts them; 0 for ``at``: none fails.
    """

    moment: Moment
    at: int = 0
    calls: int = 0


class Backend(Protocol):
    """Makes databases of one store, and brings about what can go wrong with them."""

    name: str

    def create(self, folder: Path) -> Path:
        """Return the location of a new database without content."""

    def copy(self, location: Path, folder: Path) -> Path:
        """Return the location of a copy, which is not open."""

    def idle(self, location: Path) -> None:
        """Wait until the open store has nothing to do by itself."""

    def no_room(self, location: Path) -> AbstractContextManager[None]:
        """Let no commit to the open database succeed, for lack of room."""

    def failing_calls(self, moment: Moment) -> AbstractContextManager[Fault]:
        """Let calls of the stores that are opened meanwhile fail as the yielded fault says.

        Such a store also tests itself often while it has a problem.
        """

    def damaging(self, location: Path) -> AbstractContextManager[Callable[[], None]]:
        """Yield what makes the stored messages unreadable for a store that is opened meanwhile."""
