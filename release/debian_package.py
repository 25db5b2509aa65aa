"""The Debian package: the private environment, the units, the settings file and the scripts."""

import gzip
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from release.environment import PYTHONS

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "release/debian_scripts"
DEPLOY = ROOT / "docs/deploy"
UNITS = ("helpdesk.service", "helpdesk-backup.service", "helpdesk-backup.timer")
SETTINGS = "etc/helpdesk/helpdesk.toml"
PRIVATE = {SETTINGS: 0o640}
"""Modes that are not the usual ones: the settings hold secrets."""

CONTROL = """\
Package: helpdesk
Version: {version}
Architecture: amd64
Maintainer: Helpdesk <helpdesk@example.org>
Installed-Size: {size}
Depends: adduser, {pythons}, tzdata
Suggests: caddy | nginx
Section: net
Priority: optional
Description: support desk for people who work in a terminal
 A customer on a web page clicks a button and asks a question; the request
 appears in the agents' terminals at once, and they answer it there. One
 process and one SQLite file: no cloud service, no second server.
 .
 The package has its own Python environment. It starts nothing; its systemd
 units are enabled by the administrator.
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: helpdesk

Files: *
Copyright: the Helpdesk authors
License: Expat

Files: opt/helpdesk/lib/*
Copyright: the authors of each library
License: various
Comment: Each library's licence is in its folder opt/helpdesk/lib/*/site-packages/*.dist-info:
{listed}

License: Expat
{licence}"""


def debian_version(version: str) -> str:
    """Return *version* as Debian orders it: a pre-release sorts before its release."""
    for mark in ("a", "b", "rc"):
        number, found, rest = version.partition(mark)
        if found:
            return f"{number}~{mark}{rest}-1"
    return f"{version}-1"


def python_range(pythons: Sequence[str]) -> str:
    """Return the dependency on a system's Python that is one of *pythons*, such as 3.11, sorted."""
    minors = [int(python.partition(".")[2]) for python in pythons]
    gaps = [
        f"python3 (<< 3.{one + 1}~) | python3 (>= 3.{other}~)"
        for one, other in pairwise(minors)
        if other > one + 1
    ]
    ends = f"python3 (>= 3.{minors[0]}~)", f"python3 (<< 3.{minors[-1] + 1}~)"
    return ", ".join([ends[0], *gaps, ends[1]])


def build_package(
    root: Path, folder: Path, version: str, licences: Mapping[str, str], made_at: int
) -> Path:
    """Complete *root*, which has the environment, and pack it into *folder*; return the file."""
    _add_files(root, licences)
    _add_control(root, version)
    _set_modes(root)
    package = folder / f"helpdesk_{debian_version(version)}_amd64.deb"
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(made_at),
        "DPKG_DEB_THREADS_MAX": "1",  # the compressed bytes depend on their number
    }
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(package)],
        check=True, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return package


def _add_files(root: Path, licences: Mapping[str, str]) -> None:
    settings, units = root / SETTINGS, root / "usr/lib/systemd/system"
    documents, programs = root / "usr/share/doc/helpdesk", root / "usr/bin"
    for place in (settings.parent, units, documents / "examples", programs):
        place.mkdir(parents=True)
    shutil.copyfile(DEPLOY / "helpdesk.toml", settings)
    for name in UNITS:
        shutil.copyfile(DEPLOY / name, units / name)
    for name in ("Caddyfile", "nginx.conf"):
        shutil.copyfile(DEPLOY / name, documents / "examples" / name)
    (programs / "helpdesk").symlink_to("../../opt/helpdesk/bin/helpdesk")
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (documents / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))
    (documents / "copyright").write_text(_copyright(licences))


def _copyright(licences: Mapping[str, str]) -> str:
    licence = (ROOT / "LICENSE").read_text().strip().splitlines()
    return COPYRIGHT.format(
        listed="\n".join(f" {name}: {licence}" for name, licence in sorted(licences.items())),
        licence="".join(f" {line or '.'}\n" for line in licence),
    )


def _add_control(root: Path, version: str) -> None:
    control = root / "DEBIAN"
    control.mkdir()
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in files) // 1024
    (control / "control").write_text(
        CONTROL.format(version=debian_version(version), size=size, pythons=python_range(PYTHONS))
    )
    (control / "conffiles").write_text(f"/{SETTINGS}\n")
    sums = (
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n"
        for path in files
        if (name := path.relative_to(root).as_posix()) != SETTINGS
    )
    (control / "md5sums").write_text("".join(sums))
    for name in ("preinst", "postinst", "prerm", "postrm"):
        shutil.copyfile(SCRIPTS / name, control / name)
        (control / name).chmod(0o755)


def _set_modes(root: Path) -> None:
    """Set the modes, which otherwise depend on the umask and the installer."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if path.is_symlink():
            continue
        runs = path.is_dir() or (path.stat().st_mode & 0o100 and path.suffix != ".py")
        usual = 0o755 if runs else 0o644
        path.chmod(PRIVATE.get(path.relative_to(root).as_posix(), usual))
