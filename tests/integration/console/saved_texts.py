"""Reads the drafts and unsent texts that a console has left on disk."""

from pathlib import Path


def kept(state_dir: Path) -> list[str]:
    """Return the files of drafts and unsent texts under *state_dir*, in any order."""
    return [path.read_text() for path in state_dir.rglob("*.json")]
