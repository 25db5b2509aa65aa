"""`./run` shows what it does while it installs, with a Python and a pip that only say so."""

import os
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
PYTHON = """\
#!/bin/sh
case "$*" in
*--clear*)
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python ;;
*requirements.lock*)
    echo "Collecting alpha==1"
    echo "WARNING: of a mirror"
    echo "Processing /mirror/beta-2.whl (from somewhere/else)"
    echo "ERROR: $PIP_ENDS" >&2
    exit $PIP_ENDS ;;
*--editable*)
    printf '#!/bin/sh\\necho "helpdesk $*"\\n' >.venv/bin/helpdesk
    chmod +x .venv/bin/helpdesk ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "run", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements.lock").write_text("alpha==1 \\\n    --hash=x\nbeta==2\n")
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin/python3.11"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def environment(checkout: Path, pip_ends: int) -> dict[str, str]:
    return os.environ | {"PATH": f"{checkout}/bin:/usr/bin:/bin", "PIP_ENDS": str(pip_ends)}


def run(checkout: Path, pip_ends: int = 0) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["./run", "helpdesk", "version"],
        cwd=checkout,
        env=environment(checkout, pip_ends),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_without_a_terminal_it_writes_lines_and_a_log_and_once_only(checkout: Path) -> None:
    first, second = run(checkout), run(checkout)
    assert (first.returncode, first.stdout) == (0, "helpdesk version\n")
    assert first.stderr == f"Setting up .venv from requirements.lock; see {checkout}/run.log ...\n"
    assert "WARNING: of a mirror\nProcessing" in (checkout / "run.log").read_text()
    assert (second.returncode, second.stdout, second.stderr) == (0, "helpdesk version\n", "")


def test_on_a_terminal_one_line_moves_and_goes(checkout: Path) -> None:
    terminal = pexpect.spawn(
        "./run",
        ["helpdesk", "version"],
        cwd=str(checkout),
        env=environment(checkout, 0),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(24, 61),
    )
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    shown = terminal.before or ""
    lines = shown.split("\r\x1b[K")
    what = "Setting up .venv from requirements.lock"
    assert f"{what}: 1 of 2 packages, al" in lines[1]
    assert f"{what}: 2 of 2 packages, be" in lines[2]
    assert [line for line in lines if len(line) >= 61] == []
    assert lines[-1] == "helpdesk version\r\n"


def test_a_failure_shows_the_end_of_the_log_and_is_none_of_the_next_run(checkout: Path) -> None:
    done = run(checkout, pip_ends=3)
    assert done.returncode == 1
    assert "ERROR: 3" in done.stderr
    assert done.stderr.endswith(
        "run: pip could not install requirements.lock; see its message above, "
        f"and all of it in {checkout}/run.log.\n"
    )
    assert run(checkout).returncode == 0
