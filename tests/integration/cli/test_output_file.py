"""Output files of commands: never in the place of a desk's files."""

import os
import stat
import threading
from pathlib import Path

import pytest

from tests.integration.cli.machine import Machine

WRITERS = (
    ("export", "-o"),
    ("canned", "export", "-o"),
    ("config", "init", "-o"),
    ("backup", "--force"),
)


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal", ".lock", ".sock"])
@pytest.mark.parametrize("writer", WRITERS, ids=lambda words: words[0])
def test_what_belongs_to_a_desk_is_never_written_over(
    machine: Machine, writer: tuple[str, ...], end: str
) -> None:
    machine.call("canned", "add", "a", "text")
    before = {path: path.read_bytes() for path in machine.home.iterdir() if path.is_file()}
    (machine.home / "link").symlink_to(f"{machine.database}{end}")
    for target in (f"{machine.database}{end}", str(machine.home / "link")):
        assert machine.call(*writer, target).failed()
    after = {path: path.read_bytes() for path in before}
    assert after == before
    assert end in {"", ".lock"} or not Path(f"{machine.database}{end}").exists()


@pytest.mark.parametrize("writer", WRITERS[:2], ids=lambda words: words[0])
def test_a_link_is_followed_and_a_pipe_is_written_to(
    machine: Machine, writer: tuple[str, ...]
) -> None:
    machine.call("canned", "add", "a", "text")
    target, link, pipe = (machine.home / name for name in ("target", "link", "pipe"))
    target.write_text("old")
    link.symlink_to(target)
    os.mkfifo(pipe)
    assert machine.call(*writer, str(link)).code == 0
    assert link.is_symlink()
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert machine.call(*writer, str(pipe)).code == 0
    reader.join()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert read == [target.read_bytes()]


def test_a_backup_is_not_put_in_the_place_of_a_pipe(machine: Machine) -> None:
    machine.call("canned", "add", "a", "text")
    os.mkfifo(machine.home / "pipe")
    assert "give a file" in machine.call("backup", "--force", str(machine.home / "pipe")).failed()
    assert (machine.home / "pipe").is_fifo()
