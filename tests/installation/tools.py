"""The wheel as people install it: by uv, pipx and pip, outside of any checkout, on each Python."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.installation.chat import chat, free_port, running
from tests.installation.chroot import Chroot

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
INSTALL_TIMEOUT = 600.0
"""Seconds for an installation from a package index."""


def pythons() -> list[Path]:
    """Return the interpreters of this machine that the program is for, one of each version."""
    found = (_python(version) for version in PYTHONS)
    return [python for python in found if python is not None]


def _python(version: str) -> Path | None:
    """Return the interpreter of *version*: pyenv's, whose scripts on the path start one alone."""
    if own := sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")):
        return own[0]
    done = subprocess.run(
        ["uv", "python", "find", "--system", "--no-python-downloads", "--no-project", version],
        cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def uv_installs_it(wheel: Path, python: Path, home: Path) -> None:
    """`uv tool install helpdesk[locked]`, then a chat."""
    places = {"UV_TOOL_DIR": str(home / "tools"), "UV_TOOL_BIN_DIR": str(home / "bin")}
    what = f"helpdesk[locked] @ {wheel.as_uri()}"
    _call(["uv", "tool", "install", "--quiet", "--python", str(python), what], home, places)
    _chat(home / "bin/helpdesk", home)


def pipx_installs_it(wheel: Path, python: Path, home: Path) -> None:
    """`pipx install helpdesk`, and as it is called after that."""
    places = {"PIPX_HOME": str(home / "pipx"), "PIPX_BIN_DIR": str(home / "bin")}
    _call(["pipx", "install", "--quiet", "--python", str(python), str(wheel)], home, places)
    assert _call([str(home / "bin/helpdesk"), "--version"], home).startswith("helpdesk ")


def pip_installs_it(system: Chroot, folder: Path, wheel: Path) -> None:
    """`pip install helpdesk[locked]` on a fresh system, from files alone; then a chat."""
    version = system.run("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    wheels = system.path("/opt/wheels")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    command += ["--python-version", version.strip(), "--dest", str(wheels), f"{wheel}[locked]"]
    subprocess.run(command, cwd=folder, check=True, timeout=INSTALL_TIMEOUT)
    system.run("python3", "-m", "venv", "/opt/tried")
    system.run("/opt/tried/bin/pip", "install", "--quiet", "--no-index", "--find-links",
               "/opt/wheels", "helpdesk[locked]")  # fmt: skip
    system.run("install", "-d", "-o", "nobody", "/opt/desk")
    port = free_port()
    place = ("env", "HELPDESK_DATABASE=/opt/desk/desk.db", "/opt/tried/bin/helpdesk")
    helpdesk = partial(system.run, *place, user="nobody")
    with running(system.command(*place, "serve", "--port", str(port), user="nobody")):
        helpdesk("agent", "add", "Sam")
        chat(helpdesk, port, f"Python {version.strip()}")


def _chat(program: Path, home: Path) -> None:
    port = free_port()
    place = {"HELPDESK_DATABASE": str(home / "desk.db")}

    def helpdesk(*arguments: str) -> str:
        return _call([str(program), *arguments], home, place)

    variables = [f"{name}={value}" for name, value in place.items()]
    serve = ["env", "-i", f"HOME={home}", *variables, str(program), "serve", "--port", str(port)]
    with running(serve):
        helpdesk("agent", "add", "Sam")
        chat(helpdesk, port, f"Installed in {program.parent.name}")


def _call(command: list[str], home: Path, places: dict[str, str] | None = None) -> str:
    """Run *command* in *home*, far from the checkout; return what it wrote to stdout."""
    done = subprocess.run(
        command, cwd=home, env=_environment(home) | (places or {}),
        capture_output=True, text=True, timeout=INSTALL_TIMEOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(home: Path) -> dict[str, str]:
    """Return this machine's variables, which say where packages come from, with another home."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HELPDESK", "PYTHON", "VIRTUAL_ENV"))
    } | {"HOME": str(home)}
