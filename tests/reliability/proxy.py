"""TCP proxy that can stop forwarding while its connections stay open, and that can be slow.

While it is silent, it discards what it reads, like a network that drops packets. It runs in
threads, so that tests can use any event loop.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Between clients and the relay on a port of this machine."""

    def __init__(
        self, to: int, cuts: bytes = b"", swallows: bytes = b"", rate: int = 0, buffer: int = 0
    ) -> None:
        self._to, self._rate, self._buffer = to, rate, buffer
        self._cuts, self._swallows = cuts, swallows
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: set[socket.socket] = set()
        self._is_silent = self._is_cut = False
        self._silent: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._start(self._listen)

    @property
    def port(self) -> int:
        """Where clients find it."""
        port: int = self._listener.getsockname()[1]
        return port

    def fall_silent(self) -> None:
        """Swallow all on the connections that there are, their ends too, and on new ones."""
        self._is_silent = True
        self._silent |= self._sockets

    def cut(self) -> None:
        """End the connections that there are, and new ones at once."""
        self._is_cut = True
        self._end_all()

    def recover(self) -> None:
        """Serve new connections; those that have lost something stay silent."""
        self._is_silent = self._is_cut = False

    def close(self) -> None:
        """End all connections."""
        self._end_all(self._listener)
        for thread in self._threads:
            thread.join()
        for sock in (self._listener, *self._sockets):
            sock.close()

    def _end_all(self, *more: socket.socket) -> None:
        for sock in (*more, *self._sockets):
            with suppress(OSError):  # it has ended already
                sock.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *sockets: socket.socket) -> None:
        thread = threading.Thread(target=work, args=sockets, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with suppress(OSError):  # the end
            while True:
                near, _ = self._listener.accept()
                self._meet(near)

    def _meet(self, near: socket.socket) -> None:
        if self._is_cut:
            near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._to))
        except OSError:
            near.close()
            return
        self._sockets |= {near, far}
        if self._buffer:
            for sock in (near, far):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._buffer)
        if self._is_silent:
            self._silent |= {near, far}
        self._start(self._carry, near, far)
        self._start(self._carry, far, near)

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):  # one of the two is gone; the other hears of it below
            while data := one.recv(self._rate // 10 or 2**16):
                if self._rate:
                    time.sleep(len(data) / self._rate)  # a line that carries no more
                if self._cuts and self._cuts in data:
                    self._cuts = b""
                    break
                if self._swallows and self._swallows in data:
                    self.fall_silent()
                if one not in self._silent:
                    other.sendall(data)
        if one not in self._silent:
            with suppress(OSError):
                other.shutdown(socket.SHUT_RDWR)


@contextmanager
def between(
    port: int, cuts: bytes = b"", swallows: bytes = b"", rate: int = 0, buffer: int = 0
) -> Iterator[Proxy]:
    """Run a proxy to *port* of this machine, which ends the first connection on which something has
    *cuts* in it, before that, and falls silent at what has *swallows* in it.

    It carries *rate* bytes a second each way, and keeps *buffer* bytes in its sockets, of which
    either is unlimited as 0."""
    proxy = Proxy(port, cuts, swallows, rate, buffer)
    try:
        yield proxy
    finally:
        proxy.close()
