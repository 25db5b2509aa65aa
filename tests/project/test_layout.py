"""Sizes that keep the project simple: a file holds one idea, a function fits on a screen."""

import ast
from pathlib import Path

from tests.project.tree import PACKAGES, ROOT, files, functions, name_of, parsed

LONGEST_FILE = 500
LONGEST_FUNCTION = 40

PYTHON = files(".py")
SCRIPTS = files(".js", ".mjs")


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines the body takes, without its docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return function.end_lineno - body[0].lineno + 1 if body and function.end_lineno else 0


def test_the_folders_of_the_architecture_are_there() -> None:
    needed = [*(f"{package}/py.typed" for package in PACKAGES), "web_widget/widget.js"]
    kinds = [f"tests/{kind}" for kind in ("unit", "contract", "integration", "e2e", "project")]
    assert [name for name in (*needed, *kinds) if not (ROOT / name).exists()] == []


def test_a_file_holds_one_idea() -> None:
    def length(path: Path) -> int:
        return len(path.read_text().splitlines())

    long = {name_of(path): length(path) for path in (*PYTHON, *SCRIPTS)}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_only_the_module_that_audits_erases() -> None:
    service = (path for path in PYTHON if path.is_relative_to(ROOT / "relay" / "service"))
    erasing = [name_of(path) for path in service if "transaction.erase(" in path.read_text()]
    assert erasing == ["relay/service/erasure.py"]


def test_a_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in PYTHON if not ast.get_docstring(parsed(path))]
    assert silent == [], "each needs a docstring on top"


def test_a_script_says_what_it_is_for() -> None:
    marks = ("/**", "//", "#!")
    silent = [name_of(path) for path in SCRIPTS if not path.read_text().startswith(marks)]
    assert silent == [], "each needs a comment on top"


def test_a_function_fits_on_a_screen() -> None:
    long = {
        f"{name_of(path)}: {function.name}": body_length(function)
        for path in PYTHON
        for function in functions(parsed(path))
        if body_length(function) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_test_folder_is_a_package() -> None:
    """With an `__init__.py`, a folder such as tests/relay would hide the package of that name."""
    assert [
        name_of(path) for path in files(".py", under=("tests",)) if path.stem == "__init__"
    ] == []
