"""The checkout as the project's own tests see it: its files, by kind. It never changes one."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("relay", "helpdesk_tui", "cli")
FOLDERS = (*PACKAGES, "web_widget", "tests", "benchmarks", "docs", ".ci")
GENERATED = {"node_modules", "__pycache__", "snapshots"}


def files(*suffixes: str, under: tuple[str, ...] = FOLDERS) -> list[Path]:
    """Return the project's own files with one of *suffixes* (all of them without one), sorted."""
    return sorted(path for folder in under for path in _walk(ROOT / folder, suffixes))


def top_files() -> list[Path]:
    """Return the files in the root of the checkout, but for those that git keeps for itself."""
    return sorted(path for path in ROOT.iterdir() if path.is_file() and path.name != ".git")


def name_of(path: Path) -> str:
    """Return *path* as people write it, from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for path in folder.rglob("*"):
        wanted = not suffixes or path.suffix in suffixes
        if wanted and GENERATED.isdisjoint(path.parts) and path.is_file():
            yield path
