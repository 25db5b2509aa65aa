"""Single deliveries to misbehaving receivers: each outcome."""

import asyncio
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from relay.settings import Settings
from relay.webhooks import http_post
from relay.webhooks.http_post import Answer, Outcome, deliver, tls_context
from relay.webhooks.payload import endpoints
from tests.free_port import free_port
from tests.integration.webhooks.receiver import SECRET, Got, hang, receiving, status

TEN_MIB = 10 * 2**20


async def sent_to(url: str, body: bytes = b"{}") -> Answer:
    """Return how a delivery to *url* goes."""
    settings = Settings.model_validate({"webhooks": {"crm": {"url": url, "secrets": [SECRET]}}})
    return await deliver(endpoints(settings)["crm"], "e:7", int(time.time()), body, tls_context())


async def test_a_delivery_is_a_signed_post() -> None:
    async with receiving() as receiver:
        answer = await sent_to(receiver.url, b'{"type":"x","data":{}}')
        [got] = receiver.got
    assert answer == Answer(Outcome.DELIVERED, 204)
    assert got.line == "POST /hook?key=value HTTP/1.1"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    assert (got.id, got.json["type"]) == ("e:7", "x")
    assert not got.signed_by(f"whsec_{'A' * 32}")


@pytest.mark.parametrize("code", [300, 400, 404, 429, 500, 503])
async def test_any_status_but_a_good_one_is_a_refusal(code: int) -> None:
    async with receiving(lambda _: status(code, "Retry-After: 7")) as receiver:
        assert await sent_to(receiver.url) == Answer(Outcome.REFUSED, code, "7")


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as elsewhere:
        moved = status(307, f"Location: {elsewhere.url}")
        async with receiving(lambda _: moved) as receiver:
            assert await sent_to(receiver.url) == Answer(Outcome.REFUSED, 307)
        assert elsewhere.got == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await sent_to(receiver.url)).outcome is Outcome.DELIVERED
        assert proxy.got == []


async def test_an_answer_of_ten_mebibytes_is_not_read() -> None:
    written = 0

    async def endless(got: Got) -> None:
        nonlocal written
        got.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % TEN_MIB)
        while written < TEN_MIB:
            got.writer.write(bytes(2**16))
            await got.writer.drain()
            written += 2**16

    async with receiving(endless) as receiver:
        assert await sent_to(receiver.url) == Answer(Outcome.DELIVERED, 200)
    assert written < TEN_MIB


async def test_who_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_post, "DELIVERY_TIMEOUT", 0.2)

    async def drip(got: Got) -> None:
        while True:
            got.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await asyncio.sleep(0.02)

    for behaviour in (hang, drip):
        async with receiving(behaviour) as receiver:
            assert await sent_to(receiver.url) == Answer(Outcome.TIMED_OUT)
            assert len(receiver.got) == 1


async def test_who_answers_well_and_never_ends_has_taken_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_post, "FINISH_TIMEOUT", 0.1)

    async def half(got: Got) -> None:
        got.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await asyncio.sleep(60)

    async with receiving(half) as receiver:
        assert await sent_to(receiver.url) == Answer(Outcome.DELIVERED, 200)


@pytest.mark.parametrize(
    "said", [None, b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n" + b"x" * 2**17]
)
async def test_what_is_no_answer_is_none(said: bytes | None) -> None:
    async with receiving(lambda _: said) as receiver:
        answer = await sent_to(receiver.url)
    assert answer.outcome in {Outcome.GARBLED, Outcome.UNREACHABLE}


async def test_where_nobody_listens_nothing_is_reached() -> None:
    assert await sent_to(f"http://127.0.0.1:{free_port()}") == Answer(Outcome.UNREACHABLE)
    assert await sent_to("https://no-such-host.invalid") == Answer(Outcome.UNREACHABLE)


async def test_a_certificate_has_to_be_one_that_this_machine_believes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
    command += f"-keyout {key} -out {cert} -days 2 -subj /CN=localhost "
    command += "-addext subjectAltName=DNS:localhost"
    await asyncio.to_thread(subprocess.run, command.split(), check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    async with receiving(tls=tls) as receiver:
        own, other = (f"https://{name}:{receiver.port}" for name in ("localhost", "127.0.0.1"))
        assert await sent_to(own) == Answer(Outcome.UNTRUSTED)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert await sent_to(own) == Answer(Outcome.DELIVERED, 204)
        assert await sent_to(other) == Answer(Outcome.UNTRUSTED)
        assert len(receiver.got) == 1
