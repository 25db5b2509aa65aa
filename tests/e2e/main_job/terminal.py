"""Pseudo-terminal that runs a program: its screen as displayed, and its raw bytes."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

from tests.fork_server import HELPDESK, PROGRAM, ForkedProcess, fork
from tests.patience import PATIENCE

ROWS, COLUMNS = 34, 120
LIST = 38
"""Columns of the list at the left."""


class Terminal:
    """One program in a pseudo-terminal; use it in ``async with``."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self._argv, self._env, self._folder = argv, env, folder
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = asyncio.Event()
        self.raw = bytearray()

    async def __aenter__(self) -> Self:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {**self._env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._process = self._start(environment, slave)
        os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    def _start(
        self, environment: Mapping[str, str], slave: int
    ) -> "ForkedProcess | subprocess.Popen[bytes]":
        if self._argv[0] == PROGRAM:
            streams = (slave, slave, slave)
            return fork(
                HELPDESK, self._argv, environment, folder=self._folder, streams=streams,
                terminal=True,
            )  # fmt: skip
        return subprocess.Popen(
            self._argv, stdin=slave, stdout=slave, stderr=slave, cwd=self._folder, env=environment,
            start_new_session=True,
        )  # fmt: skip

    def _wait(self) -> int:
        process = self._process
        return process.exit_code() if isinstance(process, ForkedProcess) else process.wait(PATIENCE)

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        self._process.send_signal(signal.SIGTERM)
        # The program says its last words to a terminal that somebody reads.
        waiting = asyncio.to_thread(self._wait)
        asyncio.get_running_loop().add_reader(self._master, self._read)
        try:
            await waiting
        finally:
            asyncio.get_running_loop().remove_reader(self._master)
            self._process.kill()
            os.close(self._master)

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self._process.poll() is None

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def conversation(self) -> str:
        """What stands right of the list."""
        return "\n".join(line[LIST:].rstrip() for line in self._screen.display)

    def press(self, keys: str) -> None:
        """Send *keys* as a keyboard would."""
        os.write(self._master, keys.encode())

    def paste(self, text: str) -> None:
        """Send *text* as a terminal pastes it."""
        os.write(self._master, b"\x1b[200~" + text.encode() + b"\x1b[201~")

    async def shows(self, *words: str) -> None:
        """Wait until all of *words* stand on the screen."""
        await self.until(lambda text: all(word in text for word in words), str(words))

    async def hears(self, words: str) -> None:
        """Wait until *words* stand in the conversation."""
        await self.until(lambda _: words in self.conversation, f"the message {words}")

    async def hides(self, word: str) -> None:
        """Wait until *word* is nowhere on the screen."""
        await self.until(lambda text: word not in text, f"no {word}")

    async def until(self, holds: Callable[[str], bool], what: str) -> None:
        """Wait until *holds* of the screen's text."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(self.text):
                    self._drawn.clear()
                    await self._drawn.wait()
        except TimeoutError:
            raise AssertionError(f"the screen never had {what}:\n{self.text}") from None

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.raw += data
        self._stream.feed(data)
        self._drawn.set()
