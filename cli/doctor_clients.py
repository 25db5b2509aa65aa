"""The checks of `helpdesk doctor` of the way from browsers: the public address, refused clients."""

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.doctor_checks import CheckResult, Outcome
from cli.relay_addresses import faults
from relay.client import Disconnected, Unreachable, connect_control, connect_customer
from relay.log import ADDRESS_MISSED, CONNECTIONS_REFUSED, ORIGIN_REFUSED, UPGRADE_DROPPED
from relay.sanitize import clean_line
from relay.settings.types import web_address
from relay.wire import agent_in, agent_out, customer

if TYPE_CHECKING:
    from relay.settings import Settings

PUBLIC_ADDRESS = "public address"
PATIENCE = 8.0
"""Seconds for each of the two ways to the public address."""
DAY_MS = 24 * 60 * 60 * 1000
MOST_SHOWN = 5
MISSED: Mapping[str, str] = {
    "untrusted": "a proxy in a private network is not in trusted_proxies",
    "other_header": "the proxy sends Forwarded; have it send X-Forwarded-For",
    "unknown": "the proxy writes `unknown` into X-Forwarded-For; have it write the address",
    "obfuscated": "the proxy hides addresses in X-Forwarded-For; have it write them",
    "invalid": "what the proxy writes into X-Forwarded-For is no address; have it write that",
}


def public_results(settings: "Settings", given: str | None) -> Iterator[CheckResult]:
    """Yield whether browsers reach the relay at the address *given*, by default its ``public_url``:
    the widget's script, and a WebSocket. Nothing if there is neither."""
    try:
        url = web_address(given) if given else settings.public_url
    except ValueError:
        says = "--url has to be an address such as https://desk.example."
        yield CheckResult(PUBLIC_ADDRESS, Outcome.FAILED, says)
        return
    if url is None:
        return
    result = asyncio.run(_public_result(settings, url))
    if result.outcome is Outcome.WARNING and given:
        result = replace(result, outcome=Outcome.FAILED)
    yield result


async def _public_result(settings: "Settings", url: str) -> CheckResult:
    """Return the check of *url*, a warning if this machine cannot reach it, as others may do."""
    try:
        async with asyncio.timeout(PATIENCE):
            reason = await asyncio.to_thread(_script_fault, url)
    except OSError as error:
        why = getattr(error, "strerror", None) or "nothing answers in time"
        says = f"{url} cannot be reached from this machine ({why})."
        return CheckResult(PUBLIC_ADDRESS, Outcome.WARNING, says)
    try:
        async with asyncio.timeout(PATIENCE):
            reason = reason or await _socket_fault(settings, url)
    except TimeoutError:
        reason = f"{url} has not answered within {PATIENCE:g} s."
    if reason:
        return CheckResult(PUBLIC_ADDRESS, Outcome.FAILED, reason)
    return CheckResult(PUBLIC_ADDRESS, Outcome.OK, f"The widget and WebSockets work at {url}.")


def _script_fault(url: str) -> str | None:
    """Return why the widget's script is not at *url*, None if it is.

    Raises OSError if nothing answers there.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connection = (HTTPSConnection if secure else HTTPConnection)(
        parts.hostname or "", parts.port, timeout=PATIENCE / 2
    )
    try:
        connection.request("GET", f"{parts.path}/widget.js")
        reply = connection.getresponse()
        kind, to = reply.getheader("Content-Type", ""), reply.getheader("Location", "")
    except ssl.SSLError:
        return f"{url} has no certificate that browsers trust; see the check of the certificate."
    except (HTTPException, UnicodeError):
        return f"What answers at {url} does not speak HTTP."
    finally:
        connection.close()
    if 300 <= reply.status < 400:
        return f"{url} redirects to {clean_line(to)[:200]}; set public_url to the address there."
    if reply.status != 200 or not kind.startswith("text/javascript"):
        return (
            f"{url}/widget.js is not the widget (HTTP {reply.status}): a proxy leads elsewhere, or "
            "changes the path to something that is neither the relay's nor that of public_url."
        )
    return None


async def _socket_fault(settings: "Settings", url: str) -> str | None:
    """Return why no customer can connect to the relay of *settings* at *url*, None if they can."""
    try:
        async with await connect_customer(url) as connection:
            answer = await connection.call(customer.Hello(ref="hello"))
    except (Unreachable, Disconnected) as error:
        return str(error)
    if not isinstance(answer, customer.Welcome):
        return None  # refused, for it has no signed identity; it was the relay that said so
    own = None
    with suppress(Unreachable, Disconnected):
        async with await connect_control(settings.control_path) as control:
            own = await control.call(agent_in.Hello(ref="hello", queue=False))
    if isinstance(own, agent_out.Welcome) and own.epoch != answer.epoch:
        return f"Another relay answers at {url}, with another database."
    return None


@dataclass(frozen=True, slots=True)
class _Fault:
    """A fault that the relay has noted: how often since its start, and when last."""

    count: int
    last: int
    fields: Mapping[str, str]


def fault_results(settings: "Settings") -> Iterator[CheckResult]:
    """Yield a warning for each kind of fault that clients of the running relay have run into within
    a day."""
    found = _recent(settings)
    by_setting = defaultdict[str, list[_Fault]](list)
    for fault in found[ORIGIN_REFUSED.name]:
        by_setting[fault.fields.get("setting", "")].append(fault)
    for setting, refused in by_setting.items():
        says = f"Pages of {_origins(refused)} were refused, {_when(refused)}; "
        variable = "" if "." in setting else f" (HELPDESK_{setting.upper()})"
        says += f"list those that are yours in {setting}{variable}."
        yield CheckResult("refused origins", Outcome.WARNING, says)
    if dropped := found[UPGRADE_DROPPED.name]:
        says = f"A proxy does not forward WebSockets, {_when(dropped)}: have it pass on the "
        says += "headers Upgrade and Connection, by HTTP/1.1."
        yield CheckResult("websockets", Outcome.WARNING, says)
    for fault in found[CONNECTIONS_REFUSED.name]:
        setting = fault.fields.get("setting", "")
        says = f"Connections were refused by {setting}, {_when([fault])}."
        if setting.endswith("per_address"):
            says += " Name all proxies in trusted_proxies, so that each client counts by itself."
        yield CheckResult("connection limits", Outcome.WARNING, says)
    for fault in found[ADDRESS_MISSED.name]:
        why = MISSED.get(fault.fields.get("reason", ""), "their addresses are not known")
        says = f"Customers count as one address, {_when([fault])}: {why}."
        yield CheckResult("client addresses", Outcome.WARNING, says)


def _recent(settings: "Settings") -> Mapping[str, list[_Fault]]:
    """Return what the relay has noted within a day, by the name of its log event."""
    since = time.time() * 1000 - DAY_MS
    found = defaultdict[str, list[_Fault]](list)
    for name, count, last, *fields in faults(settings):
        if int(last) >= since:
            pairs = dict(field.split("=", 1) for field in fields)
            found[name].append(_Fault(int(count), int(last), pairs))
    return found


def _origins(refused: list[_Fault]) -> str:
    names = [fault.fields.get("origin", "") for fault in refused]
    more = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {more} others" if more > 0 else "")


def _when(faults_: list[_Fault]) -> str:
    count = sum(fault.count for fault in faults_)
    last = datetime.fromtimestamp(max(fault.last for fault in faults_) / 1000, UTC)
    return f"{'once' if count == 1 else f'{count} times'}, last at {last:%Y-%m-%d %H:%M} UTC"
