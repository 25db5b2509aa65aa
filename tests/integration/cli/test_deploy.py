"""The files under docs/deploy/: valid units for systemd, and settings that the relay takes."""

import subprocess
from pathlib import Path

import pytest

from relay.settings import load
from tests.fork_server import PROGRAM
from tests.patience import PATIENCE

DEPLOY = Path(__file__).parents[3] / "docs" / "deploy"


def units(folder: Path) -> list[str]:
    """Copy the units to *folder*, with the program that is at hand; return where they are."""
    for unit in ("helpdesk.service", "helpdesk-backup.service", "helpdesk-backup.timer"):
        text = (DEPLOY / unit).read_text().replace("/opt/helpdesk/bin/helpdesk", PROGRAM)
        (folder / unit).write_text(text)
    return [str(path) for path in sorted(folder.iterdir())]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    done = analyze("verify", *units(tmp_path))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", ["helpdesk.service", "helpdesk-backup.service"])
def test_systemd_finds_the_services_well_locked_up(unit: str) -> None:
    # In tenths of the exposure that it tells; 20 of them it calls ok, what is not locked up has 96.
    done = analyze("security", "--offline=true", "--threshold=20", str(DEPLOY / unit))
    assert done.returncode == 0, done.stdout


def test_the_settings_are_ones_that_the_relay_takes(tmp_path: Path) -> None:
    settings = load(DEPLOY / "helpdesk.toml")
    assert settings.public_url == "https://help.example.org"
    assert len(settings.trusted_proxies) == 2
