"""Permissions of a desk's files: an error that names who owns a file, and who may not open it."""

import os
from pathlib import Path

from relay.errors import StartError
from relay.files import user_name


def denied(path: Path) -> StartError:
    """Return the error for *path*, which this process may not use: it, or a folder above it."""
    closed, owner = path, None
    while owner is None:
        try:
            owner = user_name(closed.stat().st_uid)
        except OSError:
            closed = closed.parent
    return StartError(
        f"Permission denied: {closed} belongs to {owner}, and {user_name(os.geteuid())} may not "
        f"use it; run this as {owner}, or give it to the user of the desk with chown."
    )


def require_visible(path: Path) -> None:
    """Raise :exc:`StartError` if a folder above *path* hides it from this process."""
    try:
        path.stat()
    except PermissionError as error:
        raise denied(path) from error
    except OSError:
        pass  # absent, or in the place of something else, which its user will find
