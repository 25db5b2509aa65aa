"""An older release of the program, run from its unpacked wheel with the libraries of today."""

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from tests.e2e.main_job.stage import Stage
from tests.patience import PATIENCE

# -S leaves out the .pth file of the editable install, which would lend the wheel new sources.
RUN = (
    "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; "
    "sys.argv[0] = 'helpdesk'; from cli.main import run; run()"
)


@dataclass(frozen=True, slots=True)
class Release:
    """The folder with the unpacked packages of a release."""

    folder: Path

    @classmethod
    def unpacked(cls, wheel: Path, folder: Path) -> "Release":
        """Return the release of *wheel*, unpacked into *folder*."""
        with ZipFile(wheel) as archive:
            archive.extractall(folder)
        return cls(folder)

    @property
    def program(self) -> list[str]:
        """The `helpdesk` command of the release, without arguments."""
        libraries = sysconfig.get_path("purelib")
        return [sys.executable, "-I", "-S", "-c", RUN, str(self.folder), libraries]

    def call(self, stage: Stage, *arguments: str) -> str:
        """Run the release's command on the machine of *stage* and return its stdout."""
        return run([*self.program, *arguments], stage)


def run(command: list[str], stage: Stage) -> str:
    """Run *command* on the machine of *stage*, insist that it succeeds, and return its stdout."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=stage.home,
        env=stage.environment,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
