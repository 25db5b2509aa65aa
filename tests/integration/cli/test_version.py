"""`helpdesk version`: what it says, and what an index may answer."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

import cli.version
from relay.version import PROGRAM_VERSION
from tests.integration.cli.machine import Machine


@dataclass
class Index:
    """An index of packages on this machine. ``status`` and ``body`` are its next answer."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    asked: list[tuple[str, str]] = field(default_factory=list)
    answers: Event = field(default_factory=Event)

    def names(self, version: str) -> None:
        self.body = json.dumps({"info": {"name": "helpdesk", "version": version}}).encode()


@pytest.fixture
def index() -> Iterator[Index]:
    told = Index()
    told.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers["User-Agent"]))
            told.answers.wait()
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
            """Keep the tests' output to themselves."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}/pypi"
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield told
        told.answers.set()
        server.shutdown()
        serving.join()


def test_it_prints_the_version_and_asks_nobody(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("asks the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert machine.call("version").stdout == f"helpdesk {PROGRAM_VERSION}\n"
    assert machine.call("--version").stdout == f"helpdesk {PROGRAM_VERSION}\n"
    assert json.loads(machine.call("version", "--json").stdout) == {"version": PROGRAM_VERSION}


def test_it_says_that_the_index_has_a_newer_version(machine: Machine, index: Index) -> None:
    index.names("99.1")
    ended = machine.call("version", "--check", "--index-url", index.url)
    assert ended.code == 0
    assert ended.stdout.startswith(f"99.1 is newer than {PROGRAM_VERSION}, which is installed;")
    assert index.asked == [("/pypi/helpdesk/json", f"helpdesk/{PROGRAM_VERSION}")]
    told = machine.call("version", "--check", "--json", "--index-url", f"{index.url}/")
    assert json.loads(told.stdout) == {
        "version": PROGRAM_VERSION,
        "newest": "99.1",
        "newer": True,
    }


def test_it_says_that_there_is_nothing_newer(machine: Machine, index: Index) -> None:
    for version in (PROGRAM_VERSION, "0.0.1"):
        index.names(version)
        ended = machine.call("version", "--check", "--index-url", index.url)
        assert ended.stdout == f"{PROGRAM_VERSION} is installed, and the index has nothing newer.\n"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", "has no helpdesk; check --index-url."),
        (503, b"busy", "answers 503; check --index-url."),
        (200, b"<html>", "names no version; is it an index with PyPI's API?"),
        (200, b'{"info": {"version": "1.0\\u001b[2J"}}', "names no version; is it an index"),
        (200, b'{"info": []}', "names no version"),
        (200, b"[" * 100_000, "names no version"),
        (200, b"\xff" * 100, "names no version"),
    ],
)
def test_another_answer_is_a_sentence(
    machine: Machine, index: Index, status: int, body: bytes, said: str
) -> None:
    index.status, index.body = status, body
    ended = machine.call("version", "--check", "--index-url", index.url)
    assert said in ended.stderr
    assert (ended.code, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "\x1b" not in ended.stderr


def test_an_answer_that_does_not_come_is_a_sentence(
    machine: Machine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.answers.clear()
    monkeypatch.setattr(cli.version, "TIMEOUT", 0.1)
    said = machine.call("version", "--check", "--index-url", index.url).failed()
    assert "did not answer within" in said


def test_an_answer_without_end_is_a_sentence(
    machine: Machine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.version, "ANSWER_LIMIT", 1000)
    index.body = b" " * 2000
    said = machine.call("version", "--check", "--index-url", index.url).failed()
    assert "answers more than it should" in said


def test_an_index_that_is_not_there_is_a_sentence(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = machine.call("version", "--check", "--index-url", f"http://127.0.0.1:{port}").failed()
    assert "cannot be asked (Connection refused)" in said


@pytest.mark.parametrize(
    "url", ["", "pypi.org", "file:///etc/passwd", "http://", "http://a b/", "http://u:p@x/", "http://x:a/"]
)  # fmt: skip
def test_an_address_that_cannot_be_asked_is_wrong_use(machine: Machine, url: str) -> None:
    said = machine.call("version", "--check", "--index-url", url).failed(2)
    assert "--index-url has to be an address with http:// or https://" in said


def test_an_index_without_check_is_wrong_use(machine: Machine) -> None:
    assert "give both" in machine.call("version", "--index-url", "http://x/").failed(2)
