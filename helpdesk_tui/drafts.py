"""Drafts and unsent texts on disk: one file per request, a folder per relay, agent and epoch.

Only the agent may read them (mode 0600). Each write replaces a file atomically. A console locks the
folder that it writes to; a second console gets a folder of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from shutil import rmtree

import msgspec
from platformdirs import user_state_path

from helpdesk_tui.model.outbox import Draft, Unsent
from relay.errors import HomeUnknownError
from relay.files import FileLock, LockedError, atomic_write, in_home
from relay.sanitize import written_text


class Identity(msgspec.Struct, frozen=True):
    """The agent that a token stands for, and the epoch of the relay's data."""

    agent: int
    epoch: str


class IdentityFile:
    """A file in *state_dir* with the identity that the relay at *url* last gave to *token*."""

    def __init__(self, state_dir: Path, url: str, token: str) -> None:
        self.state_dir, self.url = state_dir, url
        name = sha256(f"{url}\n{token}".encode()).hexdigest()[:24]
        self._path = state_dir / "places" / name

    def load(self) -> Identity | None:
        """Return what was saved; None if nothing was, or nothing that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Identity)
        except (OSError, ValueError, msgspec.DecodeError):
            return None

    def save(self, identity: Identity) -> None:
        """Write *identity* if it has changed; raise OSError if it cannot be written."""
        if identity != self.load():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with atomic_write(self._path, durable=False) as write:
                write(msgspec.json.encode(identity))


LOCK = "lock"
EDITED, ANSWER, NOTE = "editing-", "request", "note"
"""Prefixes of names: of an editor's folder, and of the file in it, for an answer or a note."""
HALF = ".half"
"""The suffix of a file while it is written; a killed process leaves one, to be deleted."""


class StoredText(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text that was sent, with the ref it was sent with; the rest is as in ``Unsent``."""

    ref: str
    text: str
    note: bool = False
    failed: str = ""
    seen: int = 0
    holder: int | None = None

    def of(self, request: int) -> Unsent:
        """Return it as the text for *request* that it is."""
        said = Unsent(self.ref, request, self.text, self.note, failed=self.failed)
        return replace(said, seen=self.seen, holder=self.holder)


class StoredDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """The unsent texts of one request, and the seq from which it counts as unread."""

    draft: str = ""
    note: str = ""
    noting: bool = False
    unsent: tuple[StoredText, ...] = ()
    unread_from: int | None = None

    def __bool__(self) -> bool:
        return self != StoredDraft()

    @property
    def written(self) -> Draft:
        """The draft."""
        return Draft(self.draft, self.note, self.noting)


@dataclass(frozen=True, slots=True)
class LoadedDrafts:
    """The drafts on the disk, by request; unsent texts in the order they were written."""

    drafts: Mapping[int, Draft]
    unsent: tuple[Unsent, ...]
    unread_from: Mapping[int, int]


def default_state_dir() -> Path:
    """Return the folder of the console's files; raise :exc:`HomeUnknownError` if there is none."""
    folder = in_home(lambda: user_state_path("helpdesk"))
    if folder is None:
        raise HomeUnknownError("XDG_STATE_HOME")
    return folder


class DraftStore:
    """The unsent texts of *agent* on the relay at *url* while its data is of *epoch*.

    ``folder`` is where they are: once loaded, a folder that no other running console writes to.
    """

    def __init__(self, state_dir: Path, url: str, agent: int, epoch: str) -> None:
        name = sha256(f"{url}\n{agent}\n{epoch}".encode()).hexdigest()[:24]
        self.folder = self._first = state_dir / "drafts" / name
        self._lock: FileLock | None = None

    def load(self) -> LoadedDrafts:
        """Lock a folder and return what is stored; raise OSError if it cannot be read.

        What consoles that run no more have left is adopted: it is moved here. A file that cannot
        be decoded is renamed, for a person to look at.
        """
        self.close()
        self.folder, self._lock = _lock_free_folder(self._first)
        found = _read(self.folder)
        for edited in self.folder.glob(f"{EDITED}*"):
            for number, stored in found.items():
                _write(self.folder, number, stored)
            rmtree(edited)
        for left in sorted(self._first.parent.glob(f"{self._first.name}*")):
            if left != self.folder and (lock := _try_lock(left)):
                try:
                    self._adopt(left, found)
                finally:
                    lock.release()
        return LoadedDrafts(
            {n: stored.written for n, stored in found.items() if stored.written != Draft()},
            tuple(text.of(number) for number, stored in found.items() for text in stored.unsent),
            {
                n: stored.unread_from
                for n, stored in found.items()
                if stored.unread_from is not None
            },
        )

    def save(
        self,
        request: int,
        draft: Draft,
        unsent: tuple[Unsent, ...],
        unread_from: int | None = None,
    ) -> None:
        """Write what is unsent in *request*, or delete its file; raise OSError if that fails."""
        texts = tuple(StoredText(t.ref, t.text, t.note, t.failed, t.seen, t.holder) for t in unsent)
        stored = StoredDraft(draft.answer, draft.note, draft.noting, texts, unread_from)
        _write(self.folder, request, stored)

    def close(self) -> None:
        """Unlock the folder for the next console."""
        if self._lock:
            self._lock.release()
            self.folder, self._lock = self._first, None

    def _adopt(self, left: Path, found: dict[int, StoredDraft]) -> None:
        """Move what is in *left* here; at every moment one of the two has it."""
        for number, stored in _read(left).items():
            found[number] = _merged(found.get(number, StoredDraft()), stored)
            _write(self.folder, number, found[number])
            _path(left, number).unlink(missing_ok=True)
        for edited in left.glob(f"{EDITED}*"):
            rmtree(edited)


def _lock_free_folder(first: Path) -> tuple[Path, FileLock]:
    """Lock *first* or, where other running consoles have it, the next one that is free."""
    others = (first.with_name(f"{first.name}.{place}") for place in count(2))
    return next((folder, lock) for folder in chain((first,), others) if (lock := _try_lock(folder)))


def _try_lock(folder: Path) -> FileLock | None:
    """Lock *folder*, which is created if need be; return None if another process has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return FileLock.acquire(folder / LOCK)
    except LockedError:
        return None


def _merged(here: StoredDraft, left: StoredDraft) -> StoredDraft:
    """Return *here* and *left* merged, each text once."""
    refs = {text.ref for text in here.unsent}
    more = tuple(text for text in left.unsent if text.ref not in refs)
    unread = left.unread_from if here.unread_from is None else here.unread_from
    draft, note = _joined(here.draft, left.draft), _joined(here.note, left.note)
    return StoredDraft(draft, note, here.noting or left.noting, here.unsent + more, unread)


def _joined(here: str, left: str) -> str:
    return "\n".join(dict.fromkeys(filter(None, (here, left))))


def _path(folder: Path, request: int) -> Path:
    return folder / f"{request}.json"


def _read(folder: Path) -> dict[int, StoredDraft]:
    """Return what is stored in *folder*; what an editor has saved replaces the draft it had."""
    for half in folder.glob(f"*{HALF}"):
        half.unlink()
    found: dict[int, StoredDraft] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            found[int(path.stem)] = msgspec.json.decode(path.read_bytes(), type=StoredDraft)
        except (ValueError, msgspec.DecodeError):
            path.replace(path.with_suffix(".unreadable"))
    for path in folder.glob(f"{EDITED}*/*-*.txt"):
        kind, _, number = path.stem.partition("-")
        text = written_text(path.read_text(errors="replace")).rstrip("\n")
        if number.isdigit() and text:
            stored = found.get(int(number), StoredDraft())
            field = {"note": text} if kind == NOTE else {"draft": text}
            found[int(number)] = msgspec.structs.replace(stored, **field)
    return found


def _write(folder: Path, request: int, stored: StoredDraft) -> None:
    """Replace the file of *request*; a sent text is on disk even after a power loss."""
    path = _path(folder, request)
    if not stored:
        path.unlink(missing_ok=True)
        return
    with atomic_write(path, durable=bool(stored.unsent), suffix=HALF) as write:
        write(msgspec.json.encode(stored))
