"""Whose texts are kept here for a relay's token, so that they are found while the relay is away.

One small file for each relay and token, for its owner alone. It holds an agent's number and an
epoch, never the token; its name is a hash.
"""

from hashlib import sha256
from pathlib import Path

import msgspec


class Place(msgspec.Struct, frozen=True):
    """The agent that a token stands for, and the epoch of the relay's data."""

    agent: int
    epoch: str


class Memory:
    """What the relay at *url* told last of *token*, kept in *state_dir*."""

    def __init__(self, state_dir: Path, url: str, token: str) -> None:
        self.state_dir, self.url = state_dir, url
        name = sha256(f"{url}\n{token}".encode()).hexdigest()[:24]
        self._path = state_dir / "places" / name

    def last(self) -> Place | None:
        """Return what was kept; None if nothing was, or nothing that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Place)
        except (OSError, ValueError, msgspec.DecodeError):
            return None

    def keep(self, place: Place) -> None:
        """Keep *place*; raise OSError if the disk refuses."""
        if place != self.last():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._path.write_bytes(msgspec.json.encode(place))
