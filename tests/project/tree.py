"""Files of the checkout by kind, for the project's own tests. Read-only."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("relay", "helpdesk_tui", "cli")
FOLDERS = (*PACKAGES, "web_widget", "tests", "benchmarks", "release", "docs", ".ci")
GENERATED = {"node_modules", "__pycache__", "snapshots"}


def files(*suffixes: str, under: tuple[str, ...] = FOLDERS) -> list[Path]:
    """Return the project's own files with one of *suffixes* (all of them without one), sorted."""
    return sorted(path for folder in under for path in _walk(ROOT / folder, suffixes))


def widget_files(*suffixes: str) -> list[Path]:
    """Return the widget's own files with one of *suffixes*, without its tests."""
    tests = ROOT / "web_widget" / "tests"
    return [path for path in files(*suffixes, under=("web_widget",)) if tests not in path.parents]


def top_files() -> list[Path]:
    """Return the files in the root of the checkout, but for those that git keeps for itself."""
    return sorted(path for path in ROOT.iterdir() if path.is_file() and path.name != ".git")


def name_of(path: Path) -> str:
    """Return *path* as people write it, from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of the Python file *path*, parsed once for all tests."""
    return ast.parse(path.read_text())


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of *module*, methods and inner functions included."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def listed(found: Mapping[str, object], hint: str = "") -> str:
    """Return *found* as a failing test shows it: a line each, none left out."""
    return "\n".join([hint, *(f"{name}: {what}" for name, what in found.items())])


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for path in folder.rglob("*"):
        wanted = not suffixes or path.suffix in suffixes
        if wanted and GENERATED.isdisjoint(path.parts) and path.is_file():
            yield path
