"""What an agent wrote and the relay has not acknowledged, on disk: one small file a request.

Only the agent may read it (mode 0600), and it is replaced as a whole, so that a crash leaves the
old or the new. Numbers are a relay's own: each relay, agent and epoch has a folder of its own.
"""

import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec
from platformdirs import user_state_path

from helpdesk_tui.model.outbox import Unsent


class KeptText(msgspec.Struct, frozen=True):
    """A text that was sent, with the ref it was sent with."""

    ref: str
    text: str


class Kept(msgspec.Struct, frozen=True):
    """What is unsent in one request."""

    draft: str = ""
    unsent: tuple[KeptText, ...] = ()


def default_state_dir() -> Path:
    """Return where the console keeps its files on this machine."""
    return user_state_path("helpdesk")


class Drafts:
    """The unsent texts of *agent* on the relay at *url* while its data is of *epoch*."""

    def __init__(self, state_dir: Path, url: str, agent: int, epoch: str) -> None:
        name = sha256(f"{url}\n{agent}\n{epoch}".encode()).hexdigest()[:24]
        self._folder = state_dir / "drafts" / name

    def load(self) -> tuple[Mapping[int, str], tuple[Unsent, ...]]:
        """Return the drafts by request, and the texts on their way; raise OSError if none can be.

        A file that cannot be understood is put aside, for a person to look at.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        drafts: dict[int, str] = {}
        unsent: list[Unsent] = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                number, kept = int(path.stem), msgspec.json.decode(path.read_bytes(), type=Kept)
            except (ValueError, msgspec.DecodeError):
                path.replace(path.with_suffix(".unreadable"))
                continue
            if kept.draft:
                drafts[number] = kept.draft
            unsent += [Unsent(text.ref, number, text.text) for text in kept.unsent]
        return drafts, tuple(unsent)

    def save(self, request: int, draft: str, unsent: tuple[Unsent, ...]) -> None:
        """Keep what is unsent in *request*, or nothing; raise OSError if the disk refuses."""
        path = self._folder / f"{request}.json"
        if not draft and not unsent:
            path.unlink(missing_ok=True)
            return
        kept = Kept(draft, tuple(KeptText(text.ref, text.text) for text in unsent))
        file, name = tempfile.mkstemp(dir=self._folder)  # mode 0600
        with os.fdopen(file, "wb") as new:
            new.write(msgspec.json.encode(kept))
        Path(name).replace(path)
