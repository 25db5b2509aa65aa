"""One signed POST to a webhook, and its outcome."""

import asyncio
import hmac
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import h11

from relay.webhooks.payload import Endpoint

DELIVERY_TIMEOUT = 10.0
"""Seconds that a delivery may take, from the DNS lookup to the status."""


class Outcome(StrEnum):
    """Outcome of a delivery. All but the first are retried."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    GARBLED = "garbled"


MEANINGS = {
    Outcome.DELIVERED: "answered with a status of 200 to 299",
    Outcome.REFUSED: "answered with another status; a redirect is one, and not followed",
    Outcome.TIMED_OUT: f"no status within {DELIVERY_TIMEOUT:.0f} s",
    Outcome.UNREACHABLE: "no such host, no connection, or one that was cut",
    Outcome.UNTRUSTED: "no TLS, or a certificate that this machine does not believe",
    Outcome.GARBLED: "the connection ended without an answer, or with what is none in HTTP",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a receiver; ``retry_after`` is the header as it was sent."""

    outcome: Outcome
    status: int | None = None
    retry_after: str | None = None


def signature_headers(keys: Sequence[bytes], delivery: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers of *body*: the *delivery*'s id, *at* (seconds since 1970), the signature.

    There is a signature for each of *keys*, so that a secret can be changed without a gap.
    """
    signed = b"%s.%d.%s" % (delivery.encode(), at, body)
    made = (b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


FINISH_TIMEOUT, MAX_ANSWER_BYTES = 1.0, 2**16
"""Seconds and bytes in which the receiver may finish its answer, which is discarded."""
READ_SIZE = 2**14


def tls_context() -> ssl.SSLContext:
    """Return the TLS context that verifies receivers by the certificates this machine trusts."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def deliver(
    endpoint: Endpoint, delivery: str, at: int, body: bytes, tls: ssl.SSLContext
) -> Answer:
    """Send *body* to *endpoint*, signed *at* (seconds since 1970), and return the answer.

    *delivery* is its id. Takes :data:`DELIVERY_TIMEOUT` at most, and :data:`FINISH_TIMEOUT` more.
    """
    signed = signature_headers(endpoint.keys, delivery, at, body)
    try:
        async with asyncio.timeout(DELIVERY_TIMEOUT):
            return await _exchange(endpoint, signed, body, tls)
    except TimeoutError:
        return Answer(Outcome.TIMED_OUT)
    except ssl.SSLError:
        return Answer(Outcome.UNTRUSTED)
    except OSError:
        return Answer(Outcome.UNREACHABLE)
    except h11.RemoteProtocolError:
        return Answer(Outcome.GARBLED)


async def _exchange(
    endpoint: Endpoint, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext
) -> Answer:
    reader, writer = await asyncio.open_connection(
        endpoint.host, endpoint.port, ssl=tls if endpoint.tls else None
    )
    try:
        connection = h11.Connection(h11.CLIENT)
        request = _request(endpoint, headers, len(body))
        for event in (request, h11.Data(body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        answer = await _answer(reader, connection)
        # A receiver that is cut off in the middle of its answer may undo the delivery.
        with suppress(TimeoutError, OSError, h11.RemoteProtocolError):
            async with asyncio.timeout(FINISH_TIMEOUT):
                await _finish(reader, connection)
        return answer
    finally:
        writer.transport.abort()


def _request(endpoint: Endpoint, headers: Mapping[str, str], length: int) -> h11.Request:
    plain = {
        "host": endpoint.authority,
        "content-type": "application/json",
        "content-length": str(length),
        "user-agent": "helpdesk-webhooks",
        "connection": "close",
        **headers,
    }
    return h11.Request(method="POST", target=endpoint.target, headers=list(plain.items()))


async def _answer(reader: asyncio.StreamReader, connection: h11.Connection) -> Answer:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Response):
            break
    outcome = Outcome.DELIVERED if 200 <= event.status_code < 300 else Outcome.REFUSED
    retry_after = dict(event.headers).get(b"retry-after")
    return Answer(
        outcome, event.status_code, retry_after.decode("latin-1") if retry_after else None
    )


async def _finish(reader: asyncio.StreamReader, connection: h11.Connection) -> None:
    read = 0
    while read < MAX_ANSWER_BYTES:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(READ_SIZE)
            read += len(data)
            connection.receive_data(data)
        elif not isinstance(event, h11.Data):
            return
