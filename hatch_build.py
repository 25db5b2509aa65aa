"""The extra ``locked`` of the package's metadata: the versions of requirements.lock, exactly.

hatchling runs this hook wherever the package is built, in an unpacked sdist as in a checkout.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PROJECT = "helpdesk (pyproject.toml)"
"""The name under which a lock file lists what ``project.dependencies`` require."""
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))? \\$"
    r"(?P<rest>(?:\n +.*)+)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock file: *parents* require it, *hashes* are those of its files."""

    name: str
    version: str
    marker: str
    parents: frozenset[str]
    hashes: tuple[str, ...]

    @property
    def requirement(self) -> str:
        """The pin as a requirement with its marker."""
        suffix = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}=={self.version}{suffix}"


def pins(lock: str) -> list[Pin]:
    """Return all packages that *lock* pins, the text of a file that `./run lock` wrote."""
    return [
        Pin(
            entry["name"],
            entry["version"],
            entry["marker"] or "",
            frozenset(re.findall(r"^ +#(?: via|  ) +(\S.*)$", entry["rest"], re.MULTILINE)),
            tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry["rest"])),
        )
        for entry in ENTRY.finditer(lock)
    ]


def runtime_pins(lock: str) -> list[Pin]:
    """Return the packages of *lock* that the program needs to run, directly or through others."""
    found = pins(lock)
    wanted = {PROJECT}
    while more := {pin.name for pin in found if pin.parents & wanted} - wanted:
        wanted |= more
    return [pin for pin in found if pin.name in wanted]


class LockedVersions(MetadataHookInterface):
    """Adds the extra ``locked``: `helpdesk[locked]` installs the versions that were tested."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the optional dependencies in *metadata*."""
        lock = (Path(self.root) / "requirements.lock").read_text(encoding="utf-8")
        metadata["optional-dependencies"] = {
            "locked": [pin.requirement for pin in runtime_pins(lock)]
        }
