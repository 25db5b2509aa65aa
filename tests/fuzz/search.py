"""Runs a coverage-guided search of one claim in a process, and returns its result."""

import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from tests.fuzz.claims import CLAIMS

TARGETS = tuple(CLAIMS)
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".run" / "fuzz"
"""Where inputs are kept; a search goes on from the last one's."""
NO_FUZZER = (
    "atheris is not installed: it is there for Linux on x86-64 with a Python before 3.14 alone; "
    "the Hypothesis tests search the same claims everywhere."
)
GRACE = 120
"""Seconds that a search may take beyond its time: to start, to read its inputs and to end."""

_EDGES = re.compile(r"cov: (\d+)")
_KEPT = re.compile(r"Test unit written to (\S+)")
_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s+(\d+)|^#(\d+)\s", re.MULTILINE)


class NoFuzzer(Exception):  # noqa: N818 - a state of the machine
    """atheris is not here; ``str()`` says where it is."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search of *target* came to. ``edges``: branches of the code that were reached;
    ``seconds``: on the wall, with the start and the end of the process.

    ``crashes`` are the files that hold the inputs which broke the claim; ``output`` is the
    fuzzer's own but for its progress: the traceback of a crash.
    """

    target: str
    executions: int
    seconds: int
    edges: int
    crashes: tuple[Path, ...]
    output: str


def search(target: str, seconds: int, folder: Path = FOLDER) -> Searched:
    """Search for *seconds* for an input that breaks the claim *target*.

    Raise :exc:`NoFuzzer` where atheris is not installed, :exc:`RuntimeError` if it did not search.
    """
    if find_spec("atheris") is None:
        raise NoFuzzer(NO_FUZZER)
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    began = monotonic()
    process = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.target", target, str(folder), str(seconds)],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        timeout=seconds + GRACE,
        check=False,
        cwd=ROOT,
    )
    output = process.stdout.decode(errors="replace")
    crashes = tuple(Path(kept) for kept in _KEPT.findall(output))
    if not _EXECUTIONS.search(output) or (process.returncode and not crashes):
        raise RuntimeError(f"the fuzzer did not search {target}:\n{output}")
    return Searched(
        target,
        executions=max(int(a or b) for a, b in _EXECUTIONS.findall(output)),
        seconds=round(monotonic() - began),
        edges=max((int(edges) for edges in _EDGES.findall(output)), default=0),
        crashes=crashes,
        output="\n".join(line for line in output.splitlines() if line[:1] not in "#IW"),
    )
