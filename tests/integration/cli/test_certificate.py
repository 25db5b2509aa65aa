"""The certificate of the public address: believed, for that name, and not about to end."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.doctor_checks import Outcome, certificate
from tests.free_port import free_port

NOW = datetime.now(UTC)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the one certificate lies that this machine believes."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return tmp_path


@contextmanager
def site(folder: Path, days: int) -> Iterator[int]:
    """Show a certificate for localhost, good for *days*, on the port that is yielded."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
    command += f"-keyout {key} -out {cert} -days {days} -subj /CN=localhost "
    command += "-addext subjectAltName=DNS:localhost"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_greet, args=(listener, context))
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    client, _ = listener.accept()
    with client, suppress(OSError), context.wrap_socket(client, server_side=True) as secure:
        secure.recv(1)


@pytest.mark.parametrize(
    ("days", "later", "outcome"),
    [(30, 0, Outcome.OK), (30, 17, Outcome.WARNING), (10, 0, Outcome.WARNING)],
)
def test_a_certificate_that_ends_soon_is_a_warning(
    trusted: Path, days: int, later: int, outcome: Outcome
) -> None:
    with site(trusted, days) as port:
        found = certificate(f"https://localhost:{port}", NOW + timedelta(days=later))
    assert found.outcome is outcome, found


def test_a_certificate_for_another_name_fails(trusted: Path) -> None:
    with site(trusted, 30) as port:
        found = certificate(f"https://127.0.0.1:{port}", NOW)
    assert found.outcome is Outcome.FAILED
    assert "mismatch" in found.says


def test_a_certificate_that_nobody_vouches_for_fails(
    trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with site(trusted, 30) as port:
        found = certificate(f"https://localhost:{port}", NOW)
    assert found.outcome is Outcome.FAILED
    assert "self" in found.says


def test_an_address_where_nobody_answers_fails() -> None:
    found = certificate(f"https://localhost:{free_port()}", NOW)
    assert found.outcome is Outcome.FAILED
    assert "does not answer" in found.says


@pytest.mark.parametrize("url", [None, "http://desk.example"])
def test_without_tls_there_is_nothing_to_look_at(url: str | None) -> None:
    assert certificate(url, NOW).outcome is Outcome.NOT_RUN
