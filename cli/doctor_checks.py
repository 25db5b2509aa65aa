"""The checks of `helpdesk doctor` that need no relay: settings, origins, database, certificate."""

import socket
import ssl
import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.config import unknown_sentence
from cli.displacement import displacement
from relay.desk.events import Millis
from relay.errors import StartError
from relay.service.trusted_time import DAY, is_doubtful
from relay.settings import unknown_variables
from relay.settings.shared import changed_since_start
from relay.settings.types import is_here
from relay.store.backends import database_at
from relay.store.offline import Check, DatabaseKind, DatabaseState, EngineStatus
from relay.store.values import ClockRecord, WebhookSummary

if TYPE_CHECKING:
    from relay.settings import Settings


class Outcome(StrEnum):
    """The outcome of a check. Only ``failed`` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check, and what there is to say of it."""

    check: str
    outcome: Outcome
    says: str


MIB = 2**20
CERTIFICATE = "certificate"
CERTIFICATE_PATIENCE = 5.0
"""Seconds that the address has to answer."""
SOON = timedelta(days=14)
"""A certificate that ends within this should have been renewed by now."""


def certificate(url: str | None, now: datetime) -> CheckResult:
    """Return how the certificate of *url* is at the moment *now*: its chain, name and end."""
    parts = urlsplit(url or "")
    if parts.scheme != "https" or parts.hostname is None:
        return CheckResult(CERTIFICATE, Outcome.NOT_RUN, "There is no public_url with https.")
    try:
        ends = _end_of(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return CheckResult(
            CERTIFICATE, Outcome.FAILED, f"{parts.hostname}: {error.verify_message}."
        )
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return CheckResult(
            CERTIFICATE, Outcome.FAILED, f"{parts.netloc} does not answer ({reason})."
        )
    left = ends - now
    says = f"It ends on {ends:%Y-%m-%d %H:%M} UTC, in {left.days} days."
    if left < SOON:
        return CheckResult(CERTIFICATE, Outcome.WARNING, f"{says} Renew it.")
    return CheckResult(CERTIFICATE, Outcome.OK, says)


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


def settings_results(settings: "Settings") -> Iterator[CheckResult]:
    """Yield what is risky in *settings*; one result if nothing is."""
    unknown = [unknown_sentence(*one) for one in unknown_variables().items()]
    risks = [*unknown, *_risks(settings)]
    if not risks:
        yield CheckResult("settings", Outcome.OK, "Nothing is risky.")
    for risk in risks:
        yield CheckResult("settings", Outcome.WARNING, risk)


def _risks(settings: "Settings") -> Iterator[str]:
    public = settings.public_url or ""
    if public.startswith("http:") and not is_here(urlsplit(public).hostname or ""):
        yield "public_url is plain http: what people write can be read on the way; set it to https."
    open_to_others = [host for host in settings.host if not is_here(host)]
    if open_to_others and not public.startswith("https:"):
        where = ", ".join(open_to_others)
        yield f"The relay listens on {where} without TLS; put a proxy with TLS before it."
    if not settings.limits_messages:
        yield "Nobody may be too fast: one client can fill the disk; set its limits."
    if not settings.connections_per_address:
        yield "connections_per_address is 0: one address can take every connection; set it."
    if any(not ip_network(network).prefixlen for network in settings.trusted_proxies):
        yield "trusted_proxies holds every address: anybody can come in as anybody; name yours."
    secrets = Counter(key for one in settings.webhooks.values() for key in {*one.secrets})
    if any(count > 1 for count in secrets.values()):
        yield (
            "Webhooks share a secret: who is told by one can make up what another is told; "
            "`helpdesk webhooks secret` makes another."
        )
    names = ("default", *settings.sites)
    for name in names:
        site = settings.site(name)
        for key, secret in (site.identity_keys if site else {}).items():
            if len(secret.encode()) < SHORTEST_KEY:
                yield f"identity_keys.{key} of {name} has under {SHORTEST_KEY} bytes; replace it."


def change_results(settings: "Settings", running: "Settings") -> Iterator[CheckResult]:
    """Yield a warning if *settings* set something otherwise than the *running* relay has it."""
    changed = changed_since_start(settings, running)
    if changed:
        says = (
            f"The relay runs with another {', '.join(changed)} than the settings say; "
            "restart it after a change, or ask with the flags and variables of its start."
        )
        yield CheckResult("restart", Outcome.WARNING, says)


def origins_results(settings: "Settings") -> Iterator[CheckResult]:
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
            says = "None is listed: the widget works on the relay's own pages alone; list yours."
            yield CheckResult(check, Outcome.WARNING, says)
        elif plain:
            says = f"Whoever is on the way can speak for {', '.join(plain)}: plain http; use https."
            yield CheckResult(check, Outcome.WARNING, says)
        else:
            yield CheckResult(check, Outcome.OK, ", ".join(origins))


def database_results(settings: "Settings") -> Iterator[CheckResult]:
    """Yield the state of the database and of its engine."""
    database = settings.database_path
    desk = database_at(database)
    yield engine_result(desk.engine())
    if disk := desk.unreliable_file_system():
        says = f"{database} is on a {disk} disk, of a network or a program (FUSE); use a local one."
        yield CheckResult("file system", Outcome.WARNING, says)
    if reason := displacement(settings):
        yield CheckResult("database", Outcome.FAILED, f"The relay stores nothing: {reason}.")
        return
    if reason := _no_file(database):
        yield CheckResult("database", Outcome.FAILED, reason)
        return
    try:
        kind = desk.require(*(it for it in DatabaseKind if it is not DatabaseKind.LOST)).kind
    except StartError as error:
        yield CheckResult("database", Outcome.FAILED, str(error))
        return
    if kind is DatabaseKind.BLANK:
        says = f"There is no desk in {database} yet; `helpdesk serve` makes one."
        yield CheckResult("database", Outcome.WARNING, says)
        return
    yield _file_result(database)
    try:
        schema = desk.require(DatabaseKind.CURRENT).about
    except StartError as error:
        older = kind is DatabaseKind.OLDER
        yield CheckResult("schema", Outcome.WARNING if older else Outcome.FAILED, str(error))
        return
    yield CheckResult("schema", Outcome.OK, schema or "that of this program")
    yield from _contents(settings)
    yield from state_results(desk.state(), Millis(round(time.time() * 1000)))
    yield from _webhooks(settings)


def _file_result(database: Path) -> CheckResult:
    found = database.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_nlink > 1:
        says = f"It has {found.st_nlink} names (hard links); remove the others, or copy the file."
        return CheckResult("file", Outcome.FAILED, says)
    if mode & 0o077:
        says = f"Others may read it (mode {mode:o}); `chmod 600 {database}`."
        return CheckResult("file", Outcome.FAILED, says)
    return CheckResult("file", Outcome.OK, f"{database}, mode {mode:o}")


def _webhooks(settings: "Settings") -> Iterator[CheckResult]:
    wanted = {name: webhook.events for name, webhook in settings.webhooks.items()}
    for one in database_at(settings.database_path).webhook_summaries(wanted):
        says = _trouble(one, known=one.name in wanted)
        outcome = Outcome.WARNING if says else Outcome.OK
        yield CheckResult(f"webhook {one.name}", outcome, says or "Nothing had to be tried again.")


def _trouble(one: WebhookSummary, *, known: bool) -> str:
    """Return what is wrong with a webhook, nothing if it is well; *known*: the settings have it."""
    if not known:
        return f"It is not in the settings; `helpdesk webhooks drop --all --webhook {one.name}`."
    if one.backlog.dead:
        return f"{one.backlog.dead} deliveries were given up; see `helpdesk webhooks dead`."
    if one.backlog.waiting:
        return f"{one.backlog.waiting} deliveries are tried again; see `helpdesk webhooks list`."
    return ""


def state_results(state: DatabaseState, now: Millis) -> Iterator[CheckResult]:
    """Yield the clock, and what an erasure has left in the file."""
    yield clock_result(state.clock, now)
    if state.holds_erased:
        says = (
            "The files still hold erased data: for a moment after an erasure, as long as another "
            "program (a backup, an export, a shell) reads what was there, or until the relay runs."
        )
        yield CheckResult("erased data", Outcome.WARNING, says)
    if state.wasted:
        yield CheckResult("free space", Outcome.WARNING, wasted_text(state.wasted))


def wasted_text(wasted: int) -> str:
    """Return how to give *wasted* bytes back to the disk, which the file cannot give by itself."""
    return (
        f"{wasted / MIB:,.0f} MiB of the file, more than half, are free: `helpdesk backup` and, "
        "while no relay runs, `helpdesk restore` of that backup give them back."
    )


def clock_result(known: ClockRecord | None, now: Millis) -> CheckResult:
    """Return whether a relay that starts *now* doubts the clock, by what the desk has *known*."""
    gap = 0 if known is None else now - known.time
    if not is_doubtful(gap):
        return CheckResult("clock", Outcome.OK, "It agrees with the times in the desk.")
    days = f"{abs(gap) / DAY:,.0f} days {'ahead of' if gap > 0 else 'behind'}"
    says = (
        f"It is {days} the newest time in the desk: set it right. If it is right, the relay "
        "believes it when it has run for a day, and deletes and closes nothing by time until then."
    )
    return CheckResult("clock", Outcome.WARNING, says)


def _no_file(database: Path) -> str | None:
    """Return why *database* can never be a desk's file, None if it can."""
    try:
        mode = database.stat().st_mode
    except (FileNotFoundError, PermissionError):
        return None
    except OSError as error:
        return f"{database} cannot be looked at ({error.strerror}); give another with --database."
    return None if stat.S_ISREG(mode) else f"{database} is no file; give one with --database."


def engine_result(engine: EngineStatus) -> CheckResult:
    """Return the version of the database's engine, and what it does to programs beside the relay.

    No warning: the relay alone writes to the file, and often nobody here can change the version.
    """
    return CheckResult(engine.name, Outcome.OK, engine.fault or engine.version)


def _contents(settings: "Settings") -> Iterator[CheckResult]:
    try:
        report = database_at(settings.database_path).check()
    except StartError as error:
        yield CheckResult("contents", Outcome.FAILED, str(error))
        return
    for check in Check:
        found = [finding for finding in report.findings if finding.check is check]
        if found:
            says = f"{found[0].problem} In all: {len(found)}; see `helpdesk check`."
            yield CheckResult(check.value, Outcome.FAILED, says)
        else:
            says = f"{report.requests} requests, {report.messages} messages"
            yield CheckResult(check.value, Outcome.OK, says)
