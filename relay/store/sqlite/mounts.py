"""The mount that a file lies on: its mount point and type, from Linux's mountinfo."""

import re
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
ESCAPED = re.compile(r"\\([0-7]{3})")
REMOTE = re.compile(
    "9p|acfs|afs|beegfs|ceph|cifs|coda|davfs|fuse.*|gfs2?|glusterfs|gpfs|kafs|lustre|ncpfs|nfs4?"
    "|ocfs2|orangefs|prl_fs|pvfs2|smb3|smbfs|vboxsf|virtiofs|vmhgfs"
)
"""Types of file systems that belong to a network, to several machines, to a host or a program."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system: where, and of which type."""

    point: Path
    kind: str

    @property
    def is_unreliable(self) -> bool:
        """Return whether locks and syncs depend on another machine or on a program (FUSE)."""
        return REMOTE.fullmatch(self.kind) is not None


def mount_of(path: Path) -> Mount | None:
    """Return the mount that *path*, free of links, lies on; None if the system does not say."""
    try:
        table = MOUNTINFO.read_text(errors="surrogateescape")
    except OSError:
        return None
    return find_mount(path, table)


def find_mount(path: Path, table: str) -> Mount | None:
    """Return the innermost mount of *table*, in the format of mountinfo (proc(5)), above *path*.

    Of several at one point the last covers the others.
    """
    found: Mount | None = None
    for line in table.splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(ESCAPED.sub(lambda it: chr(int(it[1], 8)), fields.split(" ")[4]))
        above = path.is_relative_to(point)
        if above and (found is None or len(point.parts) >= len(found.point.parts)):
            found = Mount(point, rest.split(" ")[0])
    return found
