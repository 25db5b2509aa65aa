"""The crash log, and the message if it cannot be written."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from helpdesk_tui.app import LOG, write_crash_log

NOW = datetime(2026, 11, 22, 10, 35, tzinfo=UTC)


def test_the_log_is_its_owners_alone_and_grows(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    told = write_crash_log(ValueError("what Ada wrote"), folder, NOW)
    write_crash_log(KeyError("token"), folder, NOW)
    log = folder / LOG
    assert (
        told
        == f"The console failed (ValueError); drafts are kept. Where it failed stands in {log}."
    )
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.read_text().splitlines() == [
        "2026-11-22T10:35:00+00:00 builtins.ValueError",
        "2026-11-22T10:35:00+00:00 builtins.KeyError",
    ]


def test_a_folder_that_cannot_be_written_is_no_second_crash(tmp_path: Path) -> None:
    collision_warning = tmp_path / "state"
    collision_warning.write_text("a file")
    assert "cannot be written" in write_crash_log(ValueError(), collision_warning, NOW)
