"""The control socket beside the database: created, and created anew if it is removed.

While it cannot be at its path, the relay listens on abstract sockets (unix(7)) instead, which lie
in no folder. Those accept only this process's user and root.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from relay.server.listeners import listen_unix

CREDENTIALS = struct.Struct("3i")
"""Process, user and group of a peer (``SO_PEERCRED``)."""

Factory = Callable[[], asyncio.Protocol]


class ControlSocket:
    """Listens at a path, and on abstract names while it cannot or while the desk is displaced."""

    def __init__(self, path: Path, names: Sequence[str], factory: Factory) -> None:
        """Accept connections for *factory* at *path*; *names* are those of the abstract sockets."""
        self._path = path
        self._names = names
        self._factory = factory
        self._loop = asyncio.get_running_loop()
        self._servers: list[asyncio.Server] = []
        self._own: os.stat_result | None = None
        self._folder: os.stat_result | None = None
        self._abstract: list[socket.socket] = []
        self._accepting: set[asyncio.Task[object]] = set()

    async def open(self) -> None:
        """Listen at the path; raise :exc:`StartError` if that is impossible."""
        listener = listen_unix(self._path)
        owner = self._path.parent.stat()
        # The desk's user has to be able to remove it; a root without the right leaves it as it is.
        if not os.geteuid() and owner.st_uid:
            with suppress(PermissionError):
                os.chown(self._path, owner.st_uid, owner.st_gid, follow_symlinks=False)
        self._own, self._folder = self._path.lstat(), owner
        self._servers.append(await self._loop.create_unix_server(self._factory, sock=listener))

    async def renew(self, *, displaced: bool) -> None:
        """Listen at the path again if the socket is gone from there.

        *displaced*: the database is not at its own path, so a command may look elsewhere. A folder
        in the place of its own, such as one that is mounted over it, gets no socket, which would
        keep it in use.
        """
        if self._is_gone() and self._is_own_folder():
            # Impossible in a folder that is gone: then the abstract sockets have to do.
            with suppress(OSError):
                await self.open()
        if displaced or not self._is_there():
            self._open_abstract()
        else:
            self._close_abstract()

    def close(self) -> None:
        """Accept no more connections."""
        for server in self._servers:
            server.close()
        self._close_abstract()

    def unlink(self) -> None:
        """Remove the socket from its path, unless another one lies there by now."""
        if self._is_there():
            self._path.unlink(missing_ok=True)

    def _is_gone(self) -> bool:
        return not os.path.lexists(self._path)

    def _is_own_folder(self) -> bool:
        try:
            folder = self._path.parent.stat()
        except OSError:
            return False
        return self._folder is not None and os.path.samestat(folder, self._folder)

    def _is_there(self) -> bool:
        try:
            return self._own is not None and os.path.samestat(self._path.lstat(), self._own)
        except OSError:
            return False

    def _open_abstract(self) -> None:
        if self._abstract:
            return
        for name in self._names:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.settimeout(0)
            try:
                listener.bind(name)
                listener.listen()
            except OSError:  # another program has the name, or the system has no such sockets
                listener.close()
                continue
            self._loop.add_reader(listener, self._accept, listener)
            self._abstract.append(listener)

    def _close_abstract(self) -> None:
        for listener in self._abstract:
            self._loop.remove_reader(listener)
            listener.close()
        self._abstract.clear()

    def _accept(self, listener: socket.socket) -> None:
        try:
            peer, _ = listener.accept()
        except OSError:
            return  # it has gone already
        given = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        _, user, _ = CREDENTIALS.unpack(given)
        if user not in {0, os.geteuid()}:
            peer.close()
            return
        peer.settimeout(0)
        accepting = self._loop.create_task(
            self._loop.connect_accepted_socket(self._factory, peer), name="control connection"
        )
        self._accepting.add(accepting)
        accepting.add_done_callback(self._accepting.discard)
