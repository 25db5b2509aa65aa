"""The Debian package on a fresh system: installed, used, upgraded, removed, purged."""

import re
import shlex
import shutil
import subprocess
from functools import partial
from pathlib import Path

from tests.installation.chat import chat, free_port, running, texts
from tests.installation.chroot import Chroot

SETTINGS = "/etc/helpdesk/helpdesk.toml"
DESK = "/var/lib/helpdesk/helpdesk.db"
UNITS = ("helpdesk.service", "helpdesk-backup.timer")
USER = "helpdesk"


def as_older(package: Path, folder: Path) -> Path:
    """Return *package* under a lower version, for an upgrade as long as there is no older one."""
    folder.mkdir()
    unpacked, older = folder / "unpacked", folder / "helpdesk_0.0.1-1_amd64.deb"
    subprocess.run(["dpkg-deb", "-R", str(package), str(unpacked)], check=True)
    control = unpacked / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*", "Version: 0.0.1-1", control.read_text()))
    subprocess.run(["dpkg-deb", "-Znone", "-b", str(unpacked), str(older)], check=True)
    return older


def install(system: Chroot, package: Path) -> str:
    """Install *package*, whose dependencies are there; return what was said."""
    return system.run("dpkg", "--force-confold", "--install", system.copy(package))


def a_purge_leaves_nothing_where_there_is_no_desk(system: Chroot, package: Path) -> None:
    """Install the package, remove and purge it; the system is as before."""
    before = system.files()
    said = install(system, package)
    assert "systemctl enable --now helpdesk" in said, said
    system.run("dpkg", "--remove", "helpdesk")
    left = {name for name in system.files() - before if "__pycache__" not in name}
    assert left == {"etc/helpdesk", "etc/helpdesk/helpdesk.toml", "var/lib/helpdesk"}, left
    system.run("dpkg", "--purge", "helpdesk")
    backups = {"etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-"}
    assert system.files() - before - backups == set()
    assert system.attempt("getent", "passwd", USER).returncode == 2


def nothing_is_started_and_the_settings_are_private(system: Chroot) -> None:
    """Look at a system on which the package was just installed."""
    wanted = system.path("/etc/systemd/system")
    assert [path for path in wanted.rglob("helpdesk*") if path.is_symlink()] == []
    assert system.run("stat", "-c", "%A %U:%G", SETTINGS) == "-rw-r----- root:helpdesk\n"
    assert (
        system.run("stat", "-c", "%A %U:%G", "/var/lib/helpdesk")
        == "drwx------ helpdesk:helpdesk\n"
    )
    assert int(system.run("id", "-u", USER)) < 1000, "a system user"
    for folder in ("/opt/helpdesk", "/usr/bin/helpdesk"):
        found = system.run("find", folder, "(", "-not", "-user", "root", "-o", "-perm", "/022", ")",
                           "-not", "-type", "l")  # fmt: skip
        assert found == "", "the relay could change itself"
    assert system.run("dpkg", "--verify", "helpdesk") == ""
    system.run("systemd-analyze", "verify", *(f"/usr/lib/systemd/system/{unit}" for unit in UNITS))


def it_is_used_upgraded_removed_and_purged(system: Chroot, older: Path, newer: Path) -> None:
    """Chat before and after an upgrade; the desk stays through all of it."""
    install(system, older)
    nothing_is_started_and_the_settings_are_private(system)
    port = free_port()
    settings = system.path(SETTINGS)
    settings.write_text(
        settings.read_text().replace("Example support", "Acme") + f"port = {port}\n"
    )
    helpdesk = partial(_helpdesk, system)
    with running(_unit_command(system)):
        helpdesk("agent", "add", "Sam")
        chat(helpdesk, port, "Before the upgrade")
    for unit in UNITS:
        system.run("systemctl", "enable", unit)
    said = install(system, newer)
    assert "systemctl enable" not in said, "only the first installation says what to do"
    assert 'desk_name = "Acme"' in settings.read_text()
    assert system.run("stat", "-c", "%A %U:%G", SETTINGS) == "-rw-r----- root:helpdesk\n"
    with running(_unit_command(system)):
        assert "Before the upgrade" in texts(helpdesk, "1")
        chat(helpdesk, port, "After the upgrade")
    system.run("dpkg", "--remove", "helpdesk")
    gone = ("/opt/helpdesk", "/usr/bin/helpdesk", "/usr/lib/systemd/system/helpdesk.service")
    assert [name for name in gone if system.path(name).exists()] == []
    enabled = system.path("/etc/systemd/system").rglob("helpdesk*")
    assert list(enabled) == [], "a unit that is gone is enabled"
    install(system, newer)
    assert "After the upgrade" in texts(helpdesk, "2")
    said = system.run("dpkg", "--purge", "helpdesk")
    assert "rm -r /var/lib/helpdesk" in said, said
    assert not system.path("/etc/helpdesk").exists()
    assert system.run("stat", "-c", "%U", DESK) == f"{USER}\n", "the desk has lost its owner"


def an_environment_made_by_hand_is_not_overwritten(system: Chroot, package: Path) -> None:
    """Try to install over what docs/operations.md says to make by hand."""
    by_hand = system.path("/opt/helpdesk")
    by_hand.mkdir()
    (by_hand / "pyvenv.cfg").touch()
    done = system.attempt("dpkg", "--install", system.copy(package))
    assert done.returncode != 0
    assert "was not made by this package" in done.stdout
    assert [path.name for path in by_hand.iterdir()] == ["pyvenv.cfg"]
    shutil.rmtree(by_hand)


def _helpdesk(system: Chroot, *arguments: str) -> str:
    return system.run("helpdesk", *arguments, "--config", SETTINGS, user=USER)


def _unit_command(system: Chroot) -> list[str]:
    """Return the command with which the unit starts the relay, as its user."""
    unit = system.path("/usr/lib/systemd/system/helpdesk.service").read_text()
    [start] = re.findall(r"(?m)^ExecStart=(.+)", unit)
    environment = re.findall(r"(?m)^Environment=(.+)", unit)
    return system.command("env", *environment, *shlex.split(start), user=USER)
