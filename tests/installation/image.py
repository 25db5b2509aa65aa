"""The image of docs/deploy/Dockerfile: built, and run as a container runs it.

No registry is asked: `debian:bookworm-slim` is made from Debian's mirror for the build.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.installation.chat import chat, free_port, running

ROOT = Path(__file__).parents[2]
BASE = "docker.io/library/debian:bookworm-slim"
IMAGE = "localhost/helpdesk-tried"
MOST_BYTES = 150_000_000
"""Of all files of the image, unpacked."""
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CONTAINER = """\
set -e
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
mount --bind "$2" "$1/data"
root=$1
shift 2
exec chroot --userspec=10001:10001 "$root" "$@"
"""
"""Runs a command with the image as a root that cannot be written, and a volume at /data."""


@dataclass(frozen=True, slots=True)
class Builder:
    """`buildah`, with its images and containers below ``folder`` alone."""

    folder: Path

    def call(self, *words: str) -> str:
        """Run `buildah` with *words*, insist that it succeeds, and return its stdout."""
        # Without a mount: what it leaves is a folder that can be removed.
        places = ["--root", f"{self.folder}/images", "--runroot", f"{self.folder}/run"]
        done = subprocess.run(
            ["buildah", "--storage-driver", "vfs", *places, *words],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout.strip()

    def make_base(self) -> None:
        """Make the image that the Dockerfile begins with, as this machine reaches its mirrors."""
        archive = self.folder / "base.tar"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates",
             "bookworm", str(archive)],
            check=True,
        )  # fmt: skip
        settings = self.folder / "pip.conf"
        settings.write_text(f"[global]\ncert = {CERTIFICATES}\n")
        container = self.call("from", "scratch")
        self.call("add", container, str(archive), "/")
        self.call("add", container, str(settings), "/etc/pip.conf")
        self.call("add", container, CERTIFICATES, CERTIFICATES)
        self.call("commit", "--rm", container, BASE)

    def build(self) -> Path:
        """Build the image and return a folder with its files."""
        self.call("bud", "--isolation", "chroot", "--pull-never", "--format", "docker",
                  "-f", "docs/deploy/Dockerfile", "-t", IMAGE, ".")  # fmt: skip
        return Path(self.call("mount", self.call("from", "--pull-never", IMAGE)))

    def settings(self) -> dict[str, object]:
        """Return the image's configuration, as `docker inspect` shows it."""
        told: dict[str, object] = json.loads(self.call("inspect", "--type", "image", IMAGE))[
            "Docker"
        ]["config"]
        return told


def it_is_built_small_and_runs_with_a_root_that_cannot_be_written(folder: Path) -> None:
    """Build the image; run its command as its user, look at its health, and chat."""
    builder = Builder(folder)
    builder.make_base()
    root = builder.build()
    sizes = (path.lstat().st_size for path in root.rglob("*") if not path.is_symlink())
    assert (total := sum(sizes)) <= MOST_BYTES, f"{total:,} bytes"
    assert not (root / "bin").exists(), "no shell"
    settings = builder.settings()
    assert settings["User"] == "helpdesk"
    assert settings["Volumes"] == {"/data": {}}
    assert (root / "data").stat().st_uid == 10001
    volume = folder / "volume"
    volume.mkdir()
    os.chown(volume, 10001, 10001)
    _run(root, volume, settings)


def _run(root: Path, volume: Path, settings: dict[str, object]) -> None:
    port = free_port()
    variables, command = settings["Env"], settings["Cmd"]
    healthcheck = settings["Healthcheck"]
    assert isinstance(variables, list)
    assert isinstance(command, list)
    assert isinstance(healthcheck, dict)
    inside = ["unshare", "--mount", "sh", "-c", CONTAINER, "sh", str(root), str(volume)]
    inside += ["/usr/bin/python3", "-c", ENVIRONMENT, *variables, f"HELPDESK_PORT={port}", "--"]

    def call(*words: str) -> str:
        done = subprocess.run([*inside, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with running([*inside, *command]):
        check = [word.replace("8765", str(port)) for word in healthcheck["Test"][1:]]
        call(*check)
        helpdesk = partial(call, "helpdesk")
        helpdesk("agent", "add", "Sam")
        chat(helpdesk, port, "In a container")
    assert (volume / "helpdesk.db").exists()


ENVIRONMENT = """
import os, sys
end = sys.argv.index("--")
variables = dict(word.split("=", 1) for word in sys.argv[1:end])
os.environ["PATH"] = variables["PATH"]
os.execvpe(sys.argv[end + 1], sys.argv[end + 1:], variables)
"""
"""Runs what follows ``--`` with only the variables before it: the image has no `env`."""
