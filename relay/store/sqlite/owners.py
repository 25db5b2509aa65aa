"""Permissions of a desk's files: an error that names who owns a file, and who may not open it."""

import os
from pathlib import Path

from relay.errors import StartError
from relay.files import user_name


def denied(path: Path) -> StartError:
    """Return the error for *path*, which this process may not open."""
    try:
        owner = user_name(path.stat().st_uid)
    except OSError:
        return StartError(
            f"Permission denied: {path} lies in a folder that {user_name(os.geteuid())} may not "
            "enter; run this as the user of the desk."
        )
    return StartError(
        f"Permission denied: {path} belongs to {owner}, and {user_name(os.geteuid())} may not use "
        f"it; run this as {owner}, or give it to the user of the desk with chown."
    )
