"""Drafts and unsent texts on disk: one file per request, a folder per relay, agent and epoch.

Only the agent may read it (mode 0600). A file is replaced as a whole, so that a crash leaves the
old or the new. A folder is locked by the console that writes into it; a second one gets its own.
"""

import fcntl
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Self

import msgspec
from platformdirs import user_state_path

from helpdesk_tui.model.outbox import Draft, Unsent
from relay.sanitize import printable_text

LOCK = "lock"


class FolderLock:
    """A hold on *folder*, until :meth:`end`; :func:`take` gives one."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock: int | None = lock

    def end(self) -> None:
        """Leave the folder to others."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()


def take(folder: Path) -> FolderLock | None:
    """Return a hold on *folder*, which is made if need be; None if another process has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as refused:
        os.close(lock)
        if isinstance(refused, BlockingIOError):
            return None
        raise
    return FolderLock(folder, lock)


class Identity(msgspec.Struct, frozen=True):
    """The agent that a token stands for, and the epoch of the relay's data."""

    agent: int
    epoch: str


class IdentityFile:
    """What the relay at *url* told last of *token*, kept in *state_dir*."""

    def __init__(self, state_dir: Path, url: str, token: str) -> None:
        self.state_dir, self.url = state_dir, url
        name = sha256(f"{url}\n{token}".encode()).hexdigest()[:24]
        self._path = state_dir / "places" / name

    def last(self) -> Identity | None:
        """Return what was kept; None if nothing was, or nothing that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Identity)
        except (OSError, ValueError, msgspec.DecodeError):
            return None

    def keep(self, place: Identity) -> None:
        """Keep *place*; raise OSError if the disk refuses."""
        if place != self.last():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._path.write_bytes(msgspec.json.encode(place))


EDITED, ANSWER, NOTE = "editing-", "request", "note"
"""How the folder of what an editor has begins, and its file: of an answer, or of a note."""
HALF = ".half"
"""The end of a file's name while it is written; what is left of one is nobody's."""


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
    """What is unsent in one request, and from where on it counts as unread here."""

    draft: str = ""
    note: str = ""
    noting: bool = False
    unsent: tuple[StoredText, ...] = ()
    unread_from: int | None = None

    def __bool__(self) -> bool:
        return self != StoredDraft()

    @property
    def written(self) -> Draft:
        """What is being written."""
        return Draft(self.draft, self.note, self.noting)


@dataclass(frozen=True, slots=True)
class LoadedDrafts:
    """What lay on the disk, by request; the texts in the order they were written."""

    drafts: Mapping[int, Draft]
    unsent: tuple[Unsent, ...]
    unread_from: Mapping[int, int]


def default_state_dir() -> Path:
    """Return where the console keeps its files on this machine."""
    return user_state_path("helpdesk")


class Drafts:
    """The unsent texts of *agent* on the relay at *url* while its data is of *epoch*."""

    def __init__(self, state_dir: Path, url: str, agent: int, epoch: str) -> None:
        name = sha256(f"{url}\n{agent}\n{epoch}".encode()).hexdigest()[:24]
        self._first = state_dir / "drafts" / name
        self._hold: FolderLock | None = None

    @property
    def folder(self) -> Path:
        """Where they lie: a folder that no other running console writes into."""
        return self._hold.folder if self._hold else self._first

    def load(self) -> LoadedDrafts:
        """Return what is kept; raise OSError if it cannot be.

        What consoles that run no more have left is among them, and lies here from now on. A file
        that cannot be understood is put aside, for a person to look at.
        """
        self.close()
        self._hold = _free_folder(self._first)
        found = _read(self.folder)
        for edited in self.folder.glob(f"{EDITED}*"):
            for number, kept in found.items():
                _write(self.folder, number, kept)
            rmtree(edited)
        for left in sorted(self._first.parent.glob(f"{self._first.name}*")):
            if left != self.folder and (hold := take(left)):
                with hold:
                    self._adopt(left, found)
        return LoadedDrafts(
            {n: kept.written for n, kept in found.items() if kept.written != Draft()},
            tuple(text.of(number) for number, kept in found.items() for text in kept.unsent),
            {n: kept.unread_from for n, kept in found.items() if kept.unread_from is not None},
        )

    def save(
        self,
        request: int,
        draft: Draft,
        unsent: tuple[Unsent, ...],
        unread_from: int | None = None,
    ) -> None:
        """Keep what is unsent in *request*, or nothing; raise OSError if the disk refuses."""
        texts = tuple(StoredText(t.ref, t.text, t.note, t.failed, t.seen, t.holder) for t in unsent)
        kept = StoredDraft(draft.answer, draft.note, draft.noting, texts, unread_from)
        _write(self.folder, request, kept)

    def close(self) -> None:
        """Leave what is kept here to the next console."""
        if self._hold:
            self._hold.end()
            self._hold = None

    def _adopt(self, left: Path, found: dict[int, StoredDraft]) -> None:
        """Move what lies in *left* here; at every moment one of the two has it."""
        for number, kept in _read(left).items():
            found[number] = _both(found.get(number, StoredDraft()), kept)
            _write(self.folder, number, found[number])
            _path(left, number).unlink(missing_ok=True)
        for edited in left.glob(f"{EDITED}*"):
            rmtree(edited)


def _free_folder(first: Path) -> FolderLock:
    """Hold *first* or, where other running consoles have it, the next one that is free."""
    others = (first.with_name(f"{first.name}.{place}") for place in count(2))
    return next(hold for folder in chain((first,), others) if (hold := take(folder)))


def _both(here: StoredDraft, left: StoredDraft) -> StoredDraft:
    """Return what *here* and *left* hold together, each text once."""
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
    """Return what *folder* holds; what an editor has saved is in place of the draft it had."""
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
        if number.isdigit() and (
            text := printable_text(path.read_text(errors="replace")).rstrip("\n")
        ):
            kept = found.get(int(number), StoredDraft())
            field = {"note": text} if kind == NOTE else {"draft": text}
            found[int(number)] = msgspec.structs.replace(kept, **field)
    return found


def _write(folder: Path, request: int, kept: StoredDraft) -> None:
    """Replace what *folder* holds of *request*; a sent text is there even after a power loss."""
    path = _path(folder, request)
    if not kept:
        path.unlink(missing_ok=True)
        return
    file, name = tempfile.mkstemp(HALF, dir=folder)  # mode 0600
    try:
        with os.fdopen(file, "wb") as new:
            new.write(msgspec.json.encode(kept))
            if kept.unsent:
                new.flush()
                os.fsync(file)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    if kept.unsent:
        _sync(folder)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
