"""The private environment of the Debian package: the program and its libraries in one folder."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from hatch_build import Pin

PYTHONS = ("3.11", "3.13")
"""The Pythons that the package works with: those of Debian 12 and 13."""
PLATFORM = "x86_64-manylinux_2_28"
HOME = "/opt/helpdesk"
PROGRAM = f"""\
#!{HOME}/bin/python3 -I
from cli.main import run

run()
"""
CONFIGURATION = "home = /usr/bin\ninclude-system-site-packages = false\n"
"""What makes a folder a virtual environment, whatever the version of Python (PEP 405)."""
LEFT_BY_INSTALLERS = {".lock", "REQUESTED", "direct_url.json", "uv_cache.json"}


def requirements(pins: Iterable[Pin]) -> str:
    """Return *pins* with their hashes, as installers read them."""
    hashed = (
        " ".join([pin.requirement, *(f"--hash=sha256:{digest}" for digest in pin.hashes)])
        for pin in pins
    )
    return "".join(f"{line}\n" for line in hashed)


def make_environment(root: Path, wheel: Path, pins: Iterable[Pin]) -> None:
    """Make the environment of *wheel* below *root*, as it is below ``/`` when installed.

    Its Python is the system's. Only wheels are installed, so that nothing depends on the machine
    that builds; each has to have one of the hashes of *pins*.
    """
    home = root / HOME.lstrip("/")
    (home / "bin").mkdir(parents=True)
    (home / "pyvenv.cfg").write_text(CONFIGURATION)
    (home / "bin/python3").symlink_to("/usr/bin/python3")
    (home / "bin/helpdesk").write_text(PROGRAM)
    (home / "bin/helpdesk").chmod(0o755)
    locked = root / "requirements"
    locked.write_text(requirements(pins))
    for python in PYTHONS:
        packages = home / f"lib/python{python}/site-packages"
        _install(packages, python, "--require-hashes", "--requirement", str(locked))
        _install(packages, python, str(wheel))
        _clean(packages)
    locked.unlink()


def _install(target: Path, python: str, *what: str) -> None:
    command = ["uv", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    place = ["--target", str(target), "--python-version", python, "--python-platform", PLATFORM]
    # Files of their own: what is linked to a cache would change with it.
    subprocess.run(
        [*command, *place, "--link-mode", "copy", *what],
        check=True,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
    )


def _clean(packages: Path) -> None:
    """Remove the scripts of libraries, and what an installer notes for itself."""
    shutil.rmtree(packages / "bin", ignore_errors=True)
    for path in sorted(packages.rglob("*")):
        if path.name in LEFT_BY_INSTALLERS and (
            path.parent == packages or path.parent.suffix == ".dist-info"
        ):
            path.unlink()
    for record in packages.glob("*.dist-info/RECORD"):
        kept = [line for line in record.read_text().splitlines() if _is_there(packages, line)]
        record.write_text("".join(f"{line}\n" for line in kept))


def _is_there(packages: Path, line: str) -> bool:
    return (packages / line.partition(",")[0]).exists()
