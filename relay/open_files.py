"""Limit of open files: raised to what the process may have, and refused where it is too low.

Imports next to nothing by itself: with very few files, nothing else could be loaded.
"""

import resource

RESERVED_FILES = 64
"""Files that a process may have open besides connections: the database, the logs, what it loads."""


def file_limit() -> int:
    """Return how many files the process can have open, after raising that to all it may.

    It is 0 if nothing limits them.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return 0 if hard == resource.RLIM_INFINITY else hard


def refusal() -> str | None:
    """Return the sentence for people if the process may open too few files to run, else None."""
    files = file_limit()
    if not files or files >= RESERVED_FILES:
        return None
    return (
        f"this process may open {files} files only, and needs {RESERVED_FILES} at least; raise "
        "LimitNOFILE, --ulimit nofile or ulimit -n."
    )
