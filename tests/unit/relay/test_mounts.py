"""The mount that a file is on, out of the system's table."""

from pathlib import Path

import pytest

from relay.store.sqlite.mounts import Mount, find_mount

TABLE = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /srv/net rw - nfs4 server:/export rw
31 30 0:27 / /srv/net/local rw - xfs /dev/vdb rw
32 22 0:28 / /srv/with\040space rw - fuse.sshfs me@host: rw
33 22 254:0 /home/desk.db /data/desk.db rw - ext4 /dev/vda rw
34 22 0:29 / /twice rw - ext4 /dev/vdc rw
35 22 0:30 / /twice rw - cifs //host/share rw
""".strip()


@pytest.mark.parametrize(
    ("path", "point", "kind", "unreliable"),
    [
        ("/var/lib/desk.db", "/", "ext4", False),
        ("/srv/net/desk.db", "/srv/net", "nfs4", True),
        ("/srv/network/desk.db", "/", "ext4", False),
        ("/srv/net/local/desk.db", "/srv/net/local", "xfs", False),
        ("/srv/with space/desk.db", "/srv/with space", "fuse.sshfs", True),
        ("/data/desk.db", "/data/desk.db", "ext4", False),
        ("/data/other.db", "/", "ext4", False),
        ("/twice/desk.db", "/twice", "cifs", True),
    ],
)
def test_the_innermost_and_last_mount_counts(
    path: str, point: str, kind: str, unreliable: bool
) -> None:
    found = find_mount(Path(path), TABLE)
    assert found == Mount(Path(point), kind)
    assert found.is_unreliable is unreliable


@pytest.mark.parametrize("kind", ["nfs", "smb3", "fuse", "fuseblk", "9p", "ceph", "virtiofs"])
def test_disks_of_networks_and_programs_are_unreliable(kind: str) -> None:
    assert Mount(Path("/"), kind).is_unreliable


@pytest.mark.parametrize("kind", ["btrfs", "overlay", "tmpfs", "zfs", "f2fs", "apfs"])
def test_local_disks_are_not(kind: str) -> None:
    assert not Mount(Path("/"), kind).is_unreliable
