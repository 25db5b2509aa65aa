"""Proxies with the configurations of docs/deploy/, on a free port in front of a relay.

Each also serves the relay below /sub/, without passing that path on.
"""

import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.patience import PATIENCE

DEPLOY = Path(__file__).parents[3] / "docs" / "deploy"
FORWARD = "proxy_set_header X-Forwarded-For $remote_addr;"

Writer = Callable[[Path, int, str], list[str]]
"""Writes the configuration for a port and a relay (host:port) into a folder, in which are the
certificate's files, and returns the command."""


def caddy(folder: Path, port: int, relay: str) -> list[str]:
    """Write Caddy's configuration."""
    site = (DEPLOY / "Caddyfile").read_text()
    site = site.replace("127.0.0.1:8765", relay).replace(
        "help.example.org {",
        f"https://localhost:{port} {{\n\ttls {folder}/cert.pem {folder}/key.pem\n"
        f"\thandle_path /sub/* {{\n\t\treverse_proxy {relay}\n\t}}",
    )
    own = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(own + site)
    return ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


def nginx(folder: Path, port: int, relay: str) -> list[str]:
    """Write nginx's configuration; below /sub/ it forwards no WebSockets."""
    site = (DEPLOY / "nginx.conf").read_text().replace("127.0.0.1:8765", relay)
    site = site.replace("listen 443", f"listen 127.0.0.1:{port}")
    site = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", f"{folder}/cert.pem", site)
    site = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", f"{folder}/key.pem", site)
    below = f"location ^~ /sub/ {{ {FORWARD} proxy_pass http://{relay}/; }}\n"
    site = site.replace("    location / {", f"{below}    location / {{")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
    )
    return ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def haproxy(folder: Path, port: int, relay: str) -> list[str]:
    """Write HAProxy's configuration."""
    both = (folder / "cert.pem").read_text() + (folder / "key.pem").read_text()
    (folder / "both.pem").write_text(both)
    text = (DEPLOY / "haproxy.cfg").read_text().replace("127.0.0.1:8765", relay)
    text = text.replace(":443", f"127.0.0.1:{port}")
    text = text.replace("/etc/haproxy/help.example.org.pem", f"{folder}/both.pem")
    below = "    http-request replace-path /sub/(.*) /\\1\n"
    text = text.replace("    default_backend", f"{below}    default_backend")
    (folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that runs: its port on localhost, and the file of its certificate."""

    port: int
    certificate: Path

    @property
    def trust(self) -> ssl.SSLContext:
        """Trust in its certificate alone."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return the status, headers and body of what is at *path*."""
        connection = HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=self.trust)
        try:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return reply.status, found, reply.read()
        finally:
            connection.close()

    async def customer(
        self, address: str, path: str = "", origin: str | None = None, **headers: str
    ) -> ClientConnection:
        """Return a customer's connection from the loopback *address*, by the relay below *path*."""
        return await connect(
            f"wss://localhost:{self.port}{path}/v1/customer",
            ssl=self.trust,
            host="127.0.0.1",
            local_addr=(address, 0),
            subprotocols=[Subprotocol("helpdesk.v1")],
            origin=Origin(origin) if origin else None,
            additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
            proxy=None,
        )


def _await_listener(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the proxy does not listen")


@contextmanager
def running(writer: Writer, folder: Path, port: int, relay: str) -> Generator[Proxy, None, None]:
    """Run a proxy on *port* to *relay* (host:port); what it said goes to this test's stderr."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    command = writer(folder, port, relay)
    log = folder / "log"
    with log.open("wb") as said, subprocess.Popen(
        command, cwd=folder, stdout=said, stderr=said,
        env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"},
    ) as process:  # fmt: skip
        try:
            _await_listener(process, port)
            yield Proxy(port, folder / "cert.pem")
        finally:
            process.terminate()
            process.wait(PATIENCE)
            sys.stderr.write(log.read_text())
