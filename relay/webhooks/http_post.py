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

WITHIN = 10.0
"""Seconds that a delivery may take, from the name's lookup to the status."""


class Outcome(StrEnum):
    """How a delivery went. All but the first are tried again."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    GARBLED = "garbled"


MEANINGS = {
    Outcome.DELIVERED: "answered with a status of 200 to 299",
    Outcome.REFUSED: "answered with another status; a redirect is one, and not followed",
    Outcome.TIMED_OUT: f"no status within {WITHIN:.0f} s",
    Outcome.UNREACHABLE: "no such host, no connection, or one that was cut",
    Outcome.UNTRUSTED: "no TLS, or a certificate that this machine does not believe",
    Outcome.GARBLED: "the connection ended without an answer, or with what is none in HTTP",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``retry_after`` is the header as it stood."""

    outcome: Outcome
    status: int | None = None
    retry_after: str | None = None


def signature_headers(keys: Sequence[bytes], delivery: str, at: int, body: bytes) -> dict[str, str]:
    """Return what goes with *body*: the *delivery*'s id, *at* (seconds since 1970), a signature.

    There is a signature for each of *keys*, so that a secret can be changed without a gap.
    """
    signed = b"%s.%d.%s" % (delivery.encode(), at, body)
    made = (b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


FINISH_WITHIN, LONGEST_ANSWER = 1.0, 2**16
"""Seconds and bytes in which the other side may finish its answer, which nobody reads."""
AT_ONCE = 2**14


def trusting() -> ssl.SSLContext:
    """Return what proves the other side by the certificates that this machine believes."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def deliver(
    endpoint: Endpoint, delivery: str, at: int, body: bytes, trust: ssl.SSLContext
) -> Answer:
    """Send *body* to *endpoint*, signed *at* (seconds since 1970), and return how it went.

    *delivery* is its id. Takes :data:`WITHIN` at most, and what the other side needs to finish.
    """
    signed = signature_headers(endpoint.keys, delivery, at, body)
    try:
        async with asyncio.timeout(WITHIN):
            return await _exchange(endpoint, signed, body, trust)
    except TimeoutError:
        return Answer(Outcome.TIMED_OUT)
    except ssl.SSLError:
        return Answer(Outcome.UNTRUSTED)
    except OSError:
        return Answer(Outcome.UNREACHABLE)
    except h11.RemoteProtocolError:
        return Answer(Outcome.GARBLED)


async def _exchange(
    endpoint: Endpoint, headers: Mapping[str, str], body: bytes, trust: ssl.SSLContext
) -> Answer:
    reader, writer = await asyncio.open_connection(
        endpoint.host, endpoint.port, ssl=trust if endpoint.tls else None
    )
    try:
        connection = h11.Connection(h11.CLIENT)
        request = _request(endpoint, headers, len(body))
        for event in (request, h11.Data(body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        answer = await _answer(reader, connection)
        # Who is cut off in the midst of an answer may take the delivery back.
        with suppress(TimeoutError, OSError, h11.RemoteProtocolError):
            async with asyncio.timeout(FINISH_WITHIN):
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
            connection.receive_data(await reader.read(AT_ONCE))
        elif isinstance(event, h11.Response):
            break
    outcome = Outcome.DELIVERED if 200 <= event.status_code < 300 else Outcome.REFUSED
    said = dict(event.headers).get(b"retry-after")
    return Answer(outcome, event.status_code, said.decode("latin-1") if said else None)


async def _finish(reader: asyncio.StreamReader, connection: h11.Connection) -> None:
    read = 0
    while read < LONGEST_ANSWER:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(AT_ONCE)
            read += len(data)
            connection.receive_data(data)
        elif not isinstance(event, h11.Data):
            return
