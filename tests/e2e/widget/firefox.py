"""Debian's Firefox, driven by WebDriver BiDi: Playwright supports only its own build."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.patience import PATIENCE

LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


class Firefox:
    """One tab. An error in the page is raised here."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self._tab = ""

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        self._count += 1
        await self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            answer = json.loads(await self._socket.recv())
            if answer.get("id") == self._count:
                assert answer["type"] == "success", answer
                result: dict[str, Any] = answer["result"]
                return result

    async def begin(self) -> None:
        """Take the tab that is there."""
        await self.command("session.new", capabilities={})
        tree = await self.command("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        """Show *url*; return when it has loaded."""
        await self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """Return what *expression* is, if it is a string, a number or a boolean."""
        found = await self.command(
            "script.evaluate",
            expression=expression,
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return found["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until *expression* holds in the page."""
        look = f"const look = () => ({expression}) ? go() : setTimeout(look, 50); look();"
        async with asyncio.timeout(PATIENCE):
            await self.evaluate(f"new Promise((go) => {{ {look} }})")

    async def type(self, text: str) -> None:
        """Press the keys of *text* one after the other."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": keys}]
        await self.command("input.performActions", context=self._tab, actions=actions)


@contextlib.asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[Firefox]:
    """Run a browser with *profile*, an empty folder."""
    path = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    assert path, "Firefox is missing; ./run test installs firefox-esr."
    process = await asyncio.create_subprocess_exec(
        *(path, "--headless", "--no-remote", "--profile", str(profile)),
        *("--remote-debugging-port", "0", "about:blank"),
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(profile)},
    )
    assert process.stderr
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := LISTENING.search(await process.stderr.readline())):
                assert process.returncode is None, "Firefox has ended"
        drain = asyncio.ensure_future(process.stderr.read())
        async with connect(f"{found[1].decode()}/session", max_size=None, origin=None) as socket:
            browser = Firefox(socket)
            await browser.begin()
            yield browser
        drain.cancel()
    finally:
        process.kill()
        await process.wait()
