"""The Debian package's contents and scripts; tests/installation installs it on fresh systems."""

import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from release.debian_package import ROOT, SCRIPTS, build_package, debian_version, python_range
from release.environment import CONFIGURATION, PROGRAM

LICENCES = {"brick": "MIT"}
TIME = 1_700_000_000


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def packed(folder: Path, *, umask: int = 0o022) -> Path:
    """Return a package around an environment with one library."""
    usual = os.umask(umask)
    try:
        folder.mkdir()
        home = folder / "root/opt/helpdesk"
        library = home / "lib/python3.11/site-packages/brick.py"
        library.parent.mkdir(parents=True)
        library.write_text("CLAY = 1\n")
        (home / "pyvenv.cfg").write_text(CONFIGURATION)
        (home / "bin").mkdir()
        (home / "bin/helpdesk").write_text(PROGRAM)
        (home / "bin/helpdesk").chmod(0o700)
        return build_package(folder / "root", folder, "0.2.0rc1", LICENCES, TIME)
    finally:
        os.umask(usual)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("debian") / "package")


@pytest.fixture(scope="module")
def listed(package: Path) -> dict[str, tuple[str, str]]:
    """Return mode and owner of each file in the package, by its name."""
    lines = [line.split() for line in output("dpkg-deb", "-c", str(package)).splitlines()]
    return {line[5].removeprefix("."): (line[0], line[1]) for line in lines}


def test_it_has_program_units_settings_and_licences(listed: dict[str, tuple[str, str]]) -> None:
    assert {
        "/opt/helpdesk/bin/helpdesk",
        "/usr/bin/helpdesk",
        "/usr/lib/systemd/system/helpdesk.service",
        "/usr/lib/systemd/system/helpdesk-backup.service",
        "/usr/lib/systemd/system/helpdesk-backup.timer",
        "/etc/helpdesk/helpdesk.toml",
        "/usr/share/doc/helpdesk/copyright",
        "/usr/share/doc/helpdesk/changelog.gz",
    } <= listed.keys()
    assert {owner for _, owner in listed.values()} == {"root/root"}
    assert listed["/etc/helpdesk/helpdesk.toml"][0] == "-rw-r-----", "it holds secrets"
    assert listed["/opt/helpdesk/bin/helpdesk"][0] == "-rwxr-xr-x"
    usual = {"-rw-r--r--", "-rwxr-xr-x", "drwxr-xr-x", "lrwxrwxrwx"}
    others = {name for name, (mode, _) in listed.items() if mode not in usual}
    assert others == {"/etc/helpdesk/helpdesk.toml"}


def test_the_units_call_the_program_of_the_package(listed: dict[str, tuple[str, str]]) -> None:
    for unit in ("helpdesk.service", "helpdesk-backup.service"):
        text = (ROOT / "docs/deploy" / unit).read_text()
        assert "/opt/helpdesk/bin/helpdesk " in text
    assert "/etc/helpdesk/helpdesk.toml" in (ROOT / "docs/deploy/helpdesk.service").read_text()


def test_its_settings_stay_on_an_upgrade_and_its_files_can_be_verified(package: Path) -> None:
    assert output("dpkg-deb", "-I", str(package), "conffiles") == "/etc/helpdesk/helpdesk.toml\n"
    sums = output("dpkg-deb", "-I", str(package), "md5sums")
    assert "  opt/helpdesk/lib/python3.11/site-packages/brick.py\n" in sums
    assert "helpdesk.toml" not in sums, "dpkg knows it as a settings file"


def test_it_depends_on_a_python_that_it_has_the_libraries_for(package: Path) -> None:
    between = "python3 (<< 3.12~) | python3 (>= 3.13~)"
    range_ = f"python3 (>= 3.11~), {between}, python3 (<< 3.14~)"
    assert range_ in output("dpkg-deb", "-f", str(package), "Depends")
    assert python_range(["3.12", "3.13"]) == "python3 (>= 3.12~), python3 (<< 3.14~)"


def test_it_is_built_to_the_same_bytes_under_another_umask(package: Path, tmp_path: Path) -> None:
    assert packed(tmp_path / "again", umask=0o077).read_bytes() == package.read_bytes()


def test_a_pre_release_is_older_than_its_release_for_debian() -> None:
    versions = ["0.1.0", "0.2.0a1", "0.2.0b1", "0.2.0rc1", "0.2.0", "0.10.0"]
    for one, other in pairwise(versions):
        output("dpkg", "--compare-versions", debian_version(one), "lt", debian_version(other))


@pytest.mark.parametrize("script", ["preinst", "postinst", "prerm", "postrm"])
def test_its_scripts_are_for_any_posix_shell(package: Path, script: str) -> None:
    output("sh", "-n", str(SCRIPTS / script))
    assert output("dpkg-deb", "-I", str(package), script) == (SCRIPTS / script).read_text()


def test_no_script_starts_or_enables_a_unit() -> None:
    said = [
        line.strip()
        for path in SCRIPTS.iterdir()
        for line in path.read_text().splitlines()
        if "systemctl" in line and "echo" not in line
    ]
    assert not [line for line in said if " start " in line or " enable " in line]
    assert [line for line in said if "restart" in line] == [
        '[ -z "$2" ] || systemctl try-restart helpdesk.service'
    ], "only a relay that runs, on an upgrade"
