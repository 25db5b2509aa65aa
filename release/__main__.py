"""Builds a release into a folder: wheel, sdist, Debian package, bill of materials, checksums."""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from hatch_build import Pin, runtime_pins
from release.debian_package import ROOT, build_package
from release.environment import make_environment
from release.sbom import bill_of_materials

REPRODUCIBLE_TIME = 1580601600
"""The time of the files without SOURCE_DATE_EPOCH, in seconds: hatchling's, 2 February 2020."""
CHECKSUMS = "SHA256SUMS"


def main() -> None:
    """Build everything into the folder that the arguments name, and print what is there."""
    parser = argparse.ArgumentParser(prog="./run build", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", metavar="FOLDER")
    folder: Path = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder} is not empty; give an empty folder.")
    build(folder, int(os.environ.get("SOURCE_DATE_EPOCH", REPRODUCIBLE_TIME)))
    sys.stdout.write((folder / CHECKSUMS).read_text())


def build(folder: Path, made_at: int) -> None:
    """Build the release into the empty *folder*; its files are of the time *made_at*."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = project["version"]
    pins = runtime_pins((ROOT / "requirements.lock").read_text())
    licences = licences_of(pins)
    wheel = build_distributions(folder, made_at)
    with tempfile.TemporaryDirectory() as temporary:
        make_environment(Path(temporary) / "root", wheel, pins)
        build_package(Path(temporary) / "root", folder, version, licences, made_at)
    bill = bill_of_materials(version, pins, licences, digests(folder), made_at)
    sbom = folder / f"helpdesk-{version}.cdx.json"
    sbom.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n")
    lines = (f"{digest}  {name}\n" for name, digest in digests(folder).items())
    (folder / CHECKSUMS).write_text("".join(lines))


def build_distributions(folder: Path, made_at: int) -> Path:
    """Build wheel and sdist into *folder*; return the wheel."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", folder],
        cwd=ROOT, env={**os.environ, "SOURCE_DATE_EPOCH": str(made_at)},
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    [wheel] = folder.glob("*.whl")
    return wheel


def licences_of(pins: Iterable[Pin]) -> dict[str, str]:
    """Return the licences of *pins* by name, as SPDX expressions where their metadata has them.

    Those that are for other platforms are not installed here, and left out.
    """
    found = {}
    for pin in pins:
        try:
            fields = metadata(pin.name)
        except PackageNotFoundError:
            continue
        kinds = [word for word in fields.get_all("Classifier", []) if word.startswith("License")]
        named = [kind.rpartition(" :: ")[2].removesuffix(" License") for kind in kinds]
        written = fields["License-Expression"] or " OR ".join(named) or fields["License"]
        found[pin.name] = EXPRESSIONS.get(written, written)
    return found


EXPRESSIONS = {
    "ISC License (ISCL)": "ISC",
    "Apache Software OR MIT": "Apache-2.0 OR MIT",
}
"""SPDX expressions of what older metadata says in other words."""


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in *folder*, sorted by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


if __name__ == "__main__":
    main()
