"""Programs run as another user, in a mount namespace where that user can reach the interpreter."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NOBODY = 65534
REACH = """
set -e
mount --make-rprivate /
top=$1 keep=$2; shift 2
if [ -n "$top" ]; then
    for path in "$BASE" "$CODE"; do
        case $path in "$top"/*) mkdir -p "$keep$path"; mount --bind "$path" "$keep$path";; esac
    done
    mount -t tmpfs -o mode=755 none "$top"
    for path in "$BASE" "$CODE"; do
        case $path in
            "$top"/*) mkdir -p "$path"; mount --move "$keep$path" "$path";;
        esac
    done
fi
exec setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups "$@"
"""
"""Covers a closed folder on the way to the interpreter, such as /root, by an open one."""


def why_impossible() -> str:
    """Return why no program can be run as another user here, or nothing."""
    if os.geteuid():
        return "only root can be another user"
    missing = [name for name in ("unshare", "mount", "setpriv") if shutil.which(name) is None]
    if missing:
        return f"{missing[0]} is missing"
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "no mount namespace can be made here"


def as_nobody(keep: Path, *program: str) -> tuple[str, ...]:
    """Return the command that runs *program* as nobody; *keep* is an empty folder."""
    base, code = Path(sys.base_prefix), Path(sys.prefix).parent
    closed = [it for path in (base, code) for it in path.parents if not it.stat().st_mode & 0o001]
    top = str(min(closed, key=lambda it: len(it.parts))) if closed else ""
    setting = (f"BASE={base}", f"CODE={code}", f"USER_ID={NOBODY}")
    return (
        *("unshare", "--mount", "env", *setting, "sh", "-c", REACH, "sh", top, str(keep)),
        *program,
    )
