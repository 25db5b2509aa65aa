"""Atomic writes and locks: the old file or the new, nothing left beside it, and one holder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from relay.files import FileLock, LockedError, atomic_write, temporary_file


def test_a_file_is_replaced_as_a_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with atomic_write(path) as write:
        write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic_write(path) as write:
        write(b"half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_signal_right_behind_the_making_of_a_file_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = os.open

    def interrupted(path: Path, flags: int, mode: int = 0o777) -> int:
        os.close(made(path, flags, mode))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_that_cannot_be_created_names_what_it_was_for(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "out"
    with pytest.raises(FileNotFoundError) as failure, temporary_file(path):
        pass
    assert failure.value.filename == str(path)


def test_a_lock_has_one_holder_who_is_named_and_no_child_inherits_it(tmp_path: Path) -> None:
    lock = FileLock.acquire(tmp_path / "lock")
    with pytest.raises(LockedError) as failure:
        FileLock.acquire(tmp_path / "lock")
    assert failure.value.holder == str(os.getpid())
    program = [sys.executable, "-c", "print(flush=True); input()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, close_fds=False) as child:
        assert child.stdout is not None
        child.stdout.readline()  # before it, the kernel may still be closing what it inherited
        lock.release()
        lock.release()
        FileLock.acquire(tmp_path / "lock").release()
        child.communicate(b"\n")
