"""Atomic writes and locks: the old file or the new, nothing left beside it, and one holder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from relay.files import FileLock, LockedError, atomic_write, hold, temporary_file


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


HOLD = """
import sys
from pathlib import Path
from relay.files import temporary_file
with temporary_file(Path(sys.argv[1]), beside=("-wal",)) as part:
    Path(f"{part}-wal").touch()
    print(part.name, flush=True)
    input()
"""


def test_what_a_killed_process_has_left_goes_and_what_a_running_one_has_stays(
    tmp_path: Path,
) -> None:
    path, other = tmp_path / "out", tmp_path / f".other.{'x' * 8}.part"
    other.touch()
    program = [sys.executable, "-c", HOLD, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdout is not None
        held = running.stdout.readline().strip()
        with subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True) as killed:
            assert killed.stdout is not None
            killed.stdout.readline()
            killed.kill()
        with temporary_file(path, beside=("-wal",)) as part:
            left = {file.name for file in tmp_path.iterdir()}
            assert left == {held, f"{held}-wal", part.name, other.name}
        running.communicate("\n")
    assert list(tmp_path.iterdir()) == [other]


def test_a_lock_is_on_the_file_itself_and_outlasts_other_descriptors(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.touch()
    link.hardlink_to(path)
    held, other = os.open(path, os.O_RDWR), os.open(link, os.O_RDWR)
    assert hold(held)
    os.close(os.open(path, os.O_RDWR))
    assert not hold(other)
    os.close(held)
    assert hold(other)
    os.close(other)


def test_a_lock_file_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("of somebody else")
    (tmp_path / "lock").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        FileLock.acquire(tmp_path / "lock")
    assert target.read_text() == "of somebody else"


def test_a_lock_file_keeps_its_note(tmp_path: Path) -> None:
    lock = FileLock.acquire(tmp_path / "lock")
    lock.write("inode 7")
    lock.release()
    again = FileLock.acquire(tmp_path / "lock")
    assert again.note == "inode 7"
    with pytest.raises(LockedError) as failure:
        FileLock.acquire(tmp_path / "lock")
    assert failure.value.holder == str(os.getpid())
    again.release()
