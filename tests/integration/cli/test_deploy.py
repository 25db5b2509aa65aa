"""The files under docs/deploy/: valid units for systemd, and a chat through both proxies."""

import asyncio
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from relay.settings import load
from tests.integration.cli.machine import PROGRAM, Machine, free_port
from tests.patience import PATIENCE

DEPLOY = Path(__file__).parents[3] / "docs" / "deploy"
FORGED = "203.0.113.9"


def units(folder: Path) -> list[str]:
    """Copy the units to *folder*, with the program that is at hand; return where they are."""
    for unit in ("helpdesk.service", "helpdesk-backup.service", "helpdesk-backup.timer"):
        text = (DEPLOY / unit).read_text().replace("/opt/helpdesk/bin/helpdesk", PROGRAM)
        (folder / unit).write_text(text)
    return [str(path) for path in sorted(folder.iterdir())]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    done = analyze("verify", *units(tmp_path))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", ["helpdesk.service", "helpdesk-backup.service"])
def test_systemd_finds_the_services_well_locked_up(unit: str) -> None:
    # In tenths of the exposure that it tells; 20 of them it calls ok, what is not locked up has 96.
    done = analyze("security", "--offline=true", "--threshold=20", str(DEPLOY / unit))
    assert done.returncode == 0, done.stdout


def test_the_settings_are_ones_that_the_relay_takes(tmp_path: Path) -> None:
    settings = load(DEPLOY / "helpdesk.toml")
    assert settings.public_url == "https://help.example.org"
    assert len(settings.trusted_proxies) == 2


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a key and a certificate for localhost."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder


def caddy(folder: Path, certificate: Path, port: int, relay: str) -> list[str]:
    """Write Caddy's configuration for a proxy on *port*, and return its command."""
    site = (DEPLOY / "Caddyfile").read_text()
    site = site.replace("127.0.0.1:8765", relay).replace(
        "help.example.org {",
        f"https://localhost:{port} {{\n\ttls {certificate}/cert.pem {certificate}/key.pem",
    )
    own = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(own + site)
    return ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


def nginx(folder: Path, certificate: Path, port: int, relay: str) -> list[str]:
    """Write nginx's configuration for a proxy on *port*, and return its command."""
    site = (DEPLOY / "nginx.conf").read_text().replace("127.0.0.1:8765", relay)
    site = site.replace("listen 443", f"listen 127.0.0.1:{port}")
    site = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", f"{certificate}/cert.pem", site)
    site = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", f"{certificate}/key.pem", site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
    )
    return ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


@contextmanager
def running(command: list[str], folder: Path) -> Generator[None, None, None]:
    """Run *command* until the block is left; what it said goes to this test's stderr."""
    log = folder / "log"
    with log.open("wb") as said, subprocess.Popen(
        command, cwd=folder, stdout=said, stderr=said,
        env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"},
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)
            sys.stderr.write(log.read_text())


async def come_in(port: int, certificate: Path, address: str, said: str) -> ClientConnection:
    """Return a customer's connection from *address* by TLS; *said*: in X-Forwarded-For."""
    trust = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    return await connect(
        f"wss://localhost:{port}/v1/customer",
        ssl=trust,
        host="127.0.0.1",
        local_addr=(address, 0),
        subprotocols=[Subprotocol("helpdesk.v1")],
        additional_headers={"X-Forwarded-For": said},
        proxy=None,
    )


async def call(socket: ClientConnection, **frame: Any) -> dict[str, Any]:
    """Send *frame*, and return what is heard next."""
    await socket.send(json.dumps(frame))
    heard: dict[str, Any] = json.loads(await socket.recv())
    return heard


async def listening(port: int) -> None:
    """Wait until somebody listens there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def chat(port: int, certificate: Path) -> None:
    """Chat as two customers from two addresses, of whom the relay takes one each."""
    await listening(port)
    one = await come_in(port, certificate, "127.0.0.2", FORGED)
    other = await come_in(port, certificate, "127.0.0.3", FORGED)
    again = await come_in(port, certificate, "127.0.0.2", "203.0.113.77")
    for socket in (one, other):
        assert (await call(socket, type="hello", ref="1"))["type"] == "welcome"
        opened = await call(socket, type="open", ref="2", text="Through the proxy")
        assert opened["messages"][-1]["text"] == "Through the proxy"
    await again.wait_closed()
    assert again.close_code == 4102
    for socket in (one, other):
        await socket.close()


@pytest.mark.parametrize("proxy", [caddy, nginx])
def test_people_chat_through_the_proxy_and_are_told_apart(
    machine: Machine,
    certificate: Path,
    tmp_path_factory: pytest.TempPathFactory,
    proxy: Callable[[Path, Path, int, str], list[str]],
) -> None:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    with machine.serve("--trusted-proxies", "127.0.0.1", "--connections-per-address", "1") as relay:
        command = proxy(folder, certificate, port, relay.url.removeprefix("http://"))
        with running(command, folder):
            asyncio.run(asyncio.wait_for(chat(port, certificate), PATIENCE))
