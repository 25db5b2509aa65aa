"""Imports that import-linter cannot check: modules loaded by a real interpreter, clocks in pure
code."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.tree import ROOT, files, name_of, parsed

HEAVY = {
    "alembic",
    "asyncio",
    "msgspec",
    "pydantic_settings",
    "rich",
    "sqlalchemy",
    "textual",
    "websockets",
}

PURE = (
    "relay/desk",
    "relay/wire",
    "relay/session",
    "relay/hub.py",
    "relay/sanitize.py",
    "relay/errors.py",
    "relay/metrics.py",
    "relay/log.py",
    "relay/value.py",
)
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "sleep"}
DOORS = {"open", "print", "input"}

RUN = """
from cli.main import run
sys.argv = ["helpdesk", {argument!r}]
try:
    run()
except SystemExit as end:
    assert end.code in (None, 0)
"""
TELL = """
sys.stderr.write(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def modules_after(program: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after *program*."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{program}\n{TELL}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded: list[str] = json.loads(done.stderr)
    return set(loaded)


def test_the_command_loads_nothing_heavy_before_it_knows_what_to_do() -> None:
    assert modules_after("import cli.app") & HEAVY == set()


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_answer_at_once(argument: str) -> None:
    assert modules_after(RUN.format(argument=argument)) & HEAVY == set()


def test_the_probe_sees_what_is_loaded() -> None:
    assert "sqlalchemy" in modules_after("import sqlalchemy")


def calls(module: ast.Module, *, methods: set[str], functions: set[str]) -> list[str]:
    """Return where *module* calls any of *methods* on something, or any of *functions*."""
    found = []
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in methods:
                found.append(f"line {node.lineno}: {name}()")
            case ast.Call(func=ast.Name(id=name)) if name in functions:
                found.append(f"line {node.lineno}: {name}()")
    return found


def callers(paths: list[Path], *, methods: set[str], functions: set[str]) -> dict[str, list[str]]:
    """Return, for those of *paths* that call any of these, where they do."""
    found = {
        name_of(path): calls(parsed(path), methods=methods, functions=functions) for path in paths
    }
    return {name: lines for name, lines in found.items() if lines}


def test_pure_code_is_told_the_time_and_opens_no_door() -> None:
    for part in PURE:
        assert (ROOT / part).exists(), part
    pure = [path for path in files(".py") if name_of(path).startswith(PURE)]
    assert callers(pure, methods=CLOCKS, functions=CLOCKS | DOORS) == {}


def test_a_unit_test_makes_up_its_own_time() -> None:
    tests = files(".py", under=("tests/unit",))
    assert callers(tests, methods=CLOCKS, functions=CLOCKS) == {}


def test_a_clock_in_pure_code_would_be_found() -> None:
    source = "at = datetime.now(UTC)\nprint(at)"
    found = calls(ast.parse(source), methods=CLOCKS, functions=CLOCKS | DOORS)
    assert found == ["line 1: now()", "line 2: print()"]
