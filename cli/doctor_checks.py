"""The checks of `helpdesk doctor`: settings, database, certificate, round trip."""

import asyncio
import socket
import ssl
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from relay.client import (
    Disconnected,
    RelayConnection,
    Unreachable,
    connect_control,
    connect_customer,
)
from relay.errors import HelpdeskError, StartError
from relay.settings.types import is_here
from relay.store.backends import database_at
from relay.store.offline import Check, DatabaseKind, EngineStatus
from relay.store.values import WebhookSummary
from relay.wire import agent_in, agent_out, customer
from relay.wire.objects import Error, MessagePush, Sent

if TYPE_CHECKING:
    from relay.settings import Settings


class Outcome(StrEnum):
    """How a check ended. Only ``failed`` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check, and what there is to say of it."""

    check: str
    outcome: Outcome
    says: str


CERTIFICATE = "certificate"
CERTIFICATE_PATIENCE = 5.0
"""Seconds that the address has to answer."""
SOON = timedelta(days=14)
"""A certificate that ends within this should have been renewed by now."""


def certificate(url: str | None, now: datetime) -> Verdict:
    """Return how the certificate of *url* is at the moment *now*: its chain, name and end."""
    parts = urlsplit(url or "")
    if parts.scheme != "https" or parts.hostname is None:
        return Verdict(CERTIFICATE, Outcome.NOT_RUN, "There is no public_url with https.")
    try:
        ends = _end_of(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return Verdict(CERTIFICATE, Outcome.FAILED, f"{parts.hostname}: {error.verify_message}.")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Verdict(CERTIFICATE, Outcome.FAILED, f"{parts.netloc} does not answer ({reason}).")
    left = ends - now
    says = f"It ends on {ends:%Y-%m-%d}, in {left.days} days."
    return Verdict(CERTIFICATE, Outcome.WARNING if left < SOON else Outcome.OK, says)


def _end_of(host: str, port: int) -> datetime:
    """Return when the certificate ends that *host* shows; raise if it is not to be believed."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), CERTIFICATE_PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


SHORTEST_KEY = 32
"""Bytes of a secret for HS256, as many as its hash has (RFC 7518, 3.2)."""


def settings_verdicts(settings: "Settings") -> Iterator[Verdict]:
    """Yield what is risky in *settings*; one verdict if nothing is."""
    risks = list(_risks(settings))
    if not risks:
        yield Verdict("settings", Outcome.OK, "Nothing is risky.")
    for risk in risks:
        yield Verdict("settings", Outcome.WARNING, risk)


def _risks(settings: "Settings") -> Iterator[str]:
    public = settings.public_url or ""
    if public.startswith("http:") and not is_here(urlsplit(public).hostname or ""):
        yield "public_url is plain http: what people write can be read on the way."
    if not is_here(settings.host) and not public.startswith("https:"):
        yield f"The relay listens on {settings.host} without TLS; put a proxy with TLS before it."
    if not settings.messages_per_second or not settings.burst:
        yield "Nobody may be too fast: one client can fill the disk."
    if not settings.connections_per_address:
        yield "connections_per_address is 0: one address can take every connection."
    if any(not ip_network(network).prefixlen for network in settings.trusted_proxies):
        yield "trusted_proxies holds every address: anybody can come in under anybody's."
    secrets = Counter(key for one in settings.webhooks.values() for key in {*one.secrets})
    if any(count > 1 for count in secrets.values()):
        yield "Webhooks share a secret: who is told by one can make up what another is told."
    names = ("default", *settings.sites)
    for name in names:
        site = settings.site(name)
        for key, secret in (site.identity_keys if site else {}).items():
            if len(secret.encode()) < SHORTEST_KEY:
                yield f"identity_keys.{key} of {name} has less than {SHORTEST_KEY} bytes."


def origins_verdicts(settings: "Settings") -> Iterator[Verdict]:
    """Yield how the origins of each site are."""
    for name in ("default", *settings.sites):
        site = settings.site(name)
        origins = site.origins if site else ()
        plain = [
            origin
            for origin in origins
            if origin.startswith("http:") and not is_here(urlsplit(origin).hostname or "")
        ]
        check = f"origins of {name}"
        if not origins:
            says = "None is listed: the widget works on the relay's own pages alone."
            yield Verdict(check, Outcome.WARNING, says)
        elif plain:
            says = f"Whoever is on the way can speak for {', '.join(plain)}: plain http."
            yield Verdict(check, Outcome.WARNING, says)
        else:
            yield Verdict(check, Outcome.OK, ", ".join(origins))


def database_verdicts(settings: "Settings") -> Iterator[Verdict]:
    """Yield the state of the database and of its engine."""
    database = settings.database_path
    desk = database_at(database)
    yield engine_verdict(desk.engine())
    if reason := _no_file(database):
        yield Verdict("database", Outcome.FAILED, reason)
        return
    kind = desk.identify().kind
    if kind is DatabaseKind.BLANK:
        says = f"There is no desk in {database} yet; `helpdesk serve` makes one."
        yield Verdict("database", Outcome.WARNING, says)
        return
    mode = stat.S_IMODE(database.stat().st_mode)
    if mode & 0o077:
        says = f"Others may read it (mode {mode:o}); `chmod 600 {database}`."
        yield Verdict("file", Outcome.FAILED, says)
    else:
        yield Verdict("file", Outcome.OK, f"{database}, mode {mode:o}")
    try:
        schema = desk.require(DatabaseKind.CURRENT).about
    except StartError as error:
        older = kind is DatabaseKind.OLDER
        yield Verdict("schema", Outcome.WARNING if older else Outcome.FAILED, str(error))
        return
    yield Verdict("schema", Outcome.OK, schema or "that of this program")
    yield from _contents(settings)
    yield from _webhooks(settings)


def _webhooks(settings: "Settings") -> Iterator[Verdict]:
    wanted = {name: webhook.events for name, webhook in settings.webhooks.items()}
    for one in database_at(settings.database_path).webhook_summaries(wanted):
        says = _trouble(one, known=one.name in wanted)
        outcome = Outcome.WARNING if says else Outcome.OK
        yield Verdict(f"webhook {one.name}", outcome, says or "Nothing had to be tried again.")


def _trouble(one: WebhookSummary, *, known: bool) -> str:
    """Return what is wrong with a webhook, nothing if it is well; *known*: the settings have it."""
    if not known:
        return f"It is not in the settings; `helpdesk webhooks drop --all --webhook {one.name}`."
    if one.backlog.dead:
        return f"{one.backlog.dead} deliveries were given up; see `helpdesk webhooks dead`."
    if one.backlog.waiting:
        return f"{one.backlog.waiting} deliveries are tried again; see `helpdesk webhooks list`."
    return ""


def _no_file(database: Path) -> str | None:
    """Return why *database* can never be a desk's file, None if it can."""
    try:
        mode = database.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{database} cannot be looked at ({error.strerror}); give another with --database."
    return None if stat.S_ISREG(mode) else f"{database} is no file; give one with --database."


def engine_verdict(engine: EngineStatus) -> Verdict:
    """Return the version of the database's engine, with a warning if it has a known fault."""
    if engine.fault is not None:
        return Verdict(engine.name, Outcome.WARNING, engine.fault)
    return Verdict(engine.name, Outcome.OK, engine.version)


def _contents(settings: "Settings") -> Iterator[Verdict]:
    try:
        report = database_at(settings.database_path).check()
    except StartError as error:
        yield Verdict("contents", Outcome.FAILED, str(error))
        return
    for check in Check:
        found = [finding for finding in report.findings if finding.check is check]
        if found:
            says = f"{found[0].problem} In all: {len(found)}; see `helpdesk check`."
            yield Verdict(check.value, Outcome.FAILED, says)
        else:
            says = f"{report.requests} requests, {report.messages} messages"
            yield Verdict(check.value, Outcome.OK, says)


ROUND_TRIP = "round trip"
ANSWER_PATIENCE, CLEAN_WITHIN = 8.0, 3.0
"""Seconds for the way around, and for what has to be done before it and after it went wrong."""
ASKS, ANSWERS = "Probe of `helpdesk doctor`", "Answered"
"""Cut where the desk allows less, and still not the same."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what it is reached by

Answer = TypeVar("Answer", bound=Struct)
Heard = TypeVar("Heard")


class ProbeError(HelpdeskError):
    """The message did not go around."""


@dataclass
class Probe:
    """What the probe is called, so that it is found again, and the request that it opened."""

    name: str
    number: int | None = None


async def round_trip(settings: "Settings") -> Verdict:
    """Return whether the relay of *settings* takes a message around, if it runs."""
    try:
        async with asyncio.timeout(CLEAN_WITHIN):
            await (await connect_control(settings.control_path)).close()
    except Unreachable:
        return Verdict(
            ROUND_TRIP, Outcome.NOT_RUN, "No relay has the database; start it and ask again."
        )
    except TimeoutError:
        return Verdict(
            ROUND_TRIP, Outcome.FAILED, "The relay does not answer at its control socket."
        )
    if reason := _unable(settings):
        return Verdict(ROUND_TRIP, Outcome.NOT_RUN, reason)
    probe, began = Probe(f"doctor {token_hex(8)}"), perf_counter()
    try:
        async with asyncio.timeout(ANSWER_PATIENCE), AsyncExitStack() as stack:
            desk = await stack.enter_async_context(await connect_control(settings.control_path))
            client = await stack.enter_async_context(await connect_customer(_url(settings)))
            await _go_around(desk, client, probe)
    except TimeoutError:
        says = f"It was not around within {ANSWER_PATIENCE:g} s."
    except (ProbeError, Unreachable, Disconnected) as error:
        says = str(error)
    else:
        took = (perf_counter() - began) * 1000
        return Verdict(ROUND_TRIP, Outcome.OK, f"Asked, answered and erased in {took:.0f} ms.")
    return Verdict(ROUND_TRIP, Outcome.FAILED, says + await cleaned_up(settings, probe))


async def cleaned_up(settings: "Settings", probe: Probe) -> str:
    """Erase what the probe may have left; return a sentence if that cannot be done."""
    try:
        async with asyncio.timeout(CLEAN_WITHIN):
            desk = await connect_control(settings.control_path)
            async with desk:
                await _erase(desk, probe)
    except (TimeoutError, ProbeError, Unreachable, Disconnected):
        which = "A request" if probe.number is None else f"Request #{probe.number}"
        return f" {which} of {probe.name} may be left; delete it with `helpdesk purge`."
    return ""


async def _erase(desk: RelayConnection[agent_out.RelayFrame], probe: Probe) -> None:
    await _ask(desk, agent_in.Hello(ref="hello", queue=False), agent_out.Welcome)
    own = agent_in.Filter(customer=probe.name)
    planned = await _ask(
        desk, agent_in.Purge(ref="plan", dry_run=True, filter=own), agent_out.Purged
    )
    if not planned.receipt.requests:
        return
    await desk.send(agent_in.Purge(ref="purge", dry_run=False, plan=planned.receipt.plan))
    while not isinstance(heard := await desk.receive(), agent_out.Purged):
        if isinstance(heard, Error):
            raise ProbeError(heard.message)


def _unable(settings: "Settings") -> str | None:
    if not settings.port:
        return "Its port is 0, a free one; name it with --port."
    if settings.require_identity:
        return "The default site takes signed identities alone, and the probe has none."
    return None


async def _go_around(
    desk: RelayConnection[agent_out.RelayFrame],
    client: RelayConnection[customer.RelayFrame],
    probe: Probe,
) -> None:
    hello = agent_in.Hello(ref="hello", queue=False)
    own = await _ask(desk, hello, agent_out.Welcome)
    theirs = await _ask(client, customer.Hello(ref="hello"), customer.Welcome)
    if own.epoch != theirs.epoch:
        raise ProbeError("Another relay listens at that port; check host and port.")
    most = theirs.limits.text or None
    asks, answers = ASKS[:most], ANSWERS[:most]
    opening = customer.Open(ref="open", name=probe.name, text=asks)
    opened = await _ask(client, opening, customer.Opened)
    probe.number = opened.request.id
    await _ask(desk, agent_in.Send(ref="send", request=probe.number, text=answers), Sent)
    while not isinstance(push := await client.receive(), MessagePush) or (
        push.message.text != answers
    ):
        pass
    await _ask(client, customer.Forget(ref="forget"), customer.Forgotten)


async def _ask(connection: RelayConnection[Heard], frame: Struct, kind: type[Answer]) -> Answer:
    answer = await connection.call(frame)
    if isinstance(answer, Error):
        raise ProbeError(f"The relay refused ({answer.code}): {answer.message}")
    if not isinstance(answer, kind):
        raise ProbeError("The relay speaks another protocol; update the older side.")
    return answer


def _url(settings: "Settings") -> str:
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
