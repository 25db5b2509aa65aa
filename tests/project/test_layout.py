"""Sizes that keep the project simple: a file holds one idea, a function fits on a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.tree import PACKAGES, ROOT, files, name_of

LONGEST_FILE = 500
LONGEST_FUNCTION = 40

PYTHON = files(".py")
SCRIPTS = files(".js", ".mjs")


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines the body takes, without its docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return function.end_lineno - body[0].lineno + 1 if body and function.end_lineno else 0


def test_the_folders_of_the_architecture_are_there() -> None:
    needed = [*(f"{package}/py.typed" for package in PACKAGES), "web_widget/widget.js"]
    kinds = [f"tests/{kind}" for kind in ("unit", "integration", "e2e", "project")]
    assert [name for name in (*needed, *kinds) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", [*PYTHON, *SCRIPTS], ids=name_of)
def test_a_file_holds_one_idea(path: Path) -> None:
    length = len(path.read_text().splitlines())
    assert length <= LONGEST_FILE


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "it needs a docstring on top"


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_says_what_it_is_for(path: Path) -> None:
    assert path.read_text().startswith(("/**", "//", "#!")), "it needs a comment on top"


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    long = {
        function.name: body_length(function)
        for function in functions(ast.parse(path.read_text()))
        if body_length(function) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_test_folder_is_a_package() -> None:
    """With an `__init__.py`, a folder such as tests/relay would hide the package of that name."""
    assert [
        name_of(path) for path in files(".py", under=("tests",)) if path.stem == "__init__"
    ] == []
