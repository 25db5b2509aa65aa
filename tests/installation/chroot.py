"""A fresh Debian system in a folder, in which commands run as root or as another user."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGES = "python3,python3-venv,adduser,tzdata,systemd"
"""What the package depends on and the tests need, so that nothing is fetched after the start."""
COMMAND_TIMEOUT = 300.0
"""Seconds for one command; installing compiles the program."""


@dataclass(frozen=True, slots=True)
class Chroot:
    """A system with its files in ``folder``. It shares processes and network with the machine."""

    suite: str
    folder: Path

    def command(self, *words: str, user: str = "root") -> list[str]:
        """Return what runs *words* in this system as *user*, with its usual environment."""
        home = "/root" if user == "root" else "/nonexistent"
        path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
        plain = ["env", "-i", path, f"HOME={home}", "DEBIAN_FRONTEND=noninteractive"]
        become = ["setpriv", f"--reuid={user}", f"--regid={self._group(user)}", "--init-groups"]
        return ["chroot", str(self.folder), *plain, *become, *words]

    def _group(self, user: str) -> str:
        """Return the number of *user*'s group."""
        lines = self.path("/etc/passwd").read_text().splitlines()
        return next(line.split(":")[3] for line in lines if line.startswith(f"{user}:"))

    def run(self, *words: str, user: str = "root") -> str:
        """Run *words*, insist that they succeed, and return what they wrote."""
        done = self.attempt(*words, user=user)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}"
        return done.stdout

    def attempt(self, *words: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        """Run *words*, whatever becomes of them; stdout has stderr as well."""
        return subprocess.run(
            self.command(*words, user=user),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=COMMAND_TIMEOUT, check=False,
        )  # fmt: skip

    def path(self, name: str) -> Path:
        """Return where the file *name* of this system, from ``/``, is on the machine."""
        return self.folder / name.lstrip("/")

    def copy(self, file: Path) -> str:
        """Copy *file* into the system and return its name there."""
        shutil.copy(file, self.path("/tmp"))
        return f"/tmp/{file.name}"

    def files(self) -> set[str]:
        """Return the names of all files and folders but those that a packet manager notes down."""
        noted = ("var/lib/dpkg", "var/log", "var/cache", "proc", "sys", "dev", "tmp", "run")
        names = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*"))
        return {name for name in names if not name.startswith(noted)}


@contextmanager
def system(suite: str, folder: Path) -> Iterator[Chroot]:
    """Install Debian *suite* into *folder* from the mirror of this machine, for the block."""
    root = folder / suite
    # A mirror may lag behind, and the list of a suite that changes daily is valid for a week only.
    lagging = '--aptopt=Acquire::Check-Valid-Until "false"'
    options = ["--quiet", "--variant=apt", lagging, f"--include={PACKAGES}"]
    subprocess.run(["mmdebstrap", *options, suite, str(root)], check=True)
    try:
        yield Chroot(suite, root)
    finally:
        shutil.rmtree(root)
