"""The fuzzer's command: it searches, counts, and reports an unsupported platform."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.search import NO_FUZZER, TARGETS
from tests.project.tree import ROOT


def test_the_command_searches_and_counts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", "1", "--folder", str(tmp_path)]
    ran = subprocess.run(
        [*command, "--target", TARGETS[0]], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if find_spec("atheris") is None:
        assert (ran.returncode, ran.stderr) == (2, f"{NO_FUZZER}\n")
        return
    assert ran.returncode == 0, ran.stderr
    target, executions, _, seconds, _, edges, _, crashes, _ = ran.stdout.split()
    assert (target, crashes) == (TARGETS[0], "0")
    assert int(executions) > 50
    assert int(edges) > 10
    assert int(seconds) >= 1
    assert any((tmp_path / "corpus" / target).iterdir())
