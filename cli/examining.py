"""What `helpdesk doctor` sees without asking anybody: the settings, the origins, the file."""

import sqlite3
import stat
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.verdicts import Outcome, Verdict
from relay.errors import StartError
from relay.settings.values import is_here
from relay.store.checking import Check, check_database, has_wal_reset_fault
from relay.store.deliveries import Summary, summaries_of
from relay.store.identity import Kind, identify, must_be

if TYPE_CHECKING:
    from relay.settings import Settings

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
    """Yield how the database is, and the SQLite that reads it."""
    yield sqlite_verdict(sqlite3.sqlite_version_info)
    database = settings.database_path
    if reason := _no_file(database):
        yield Verdict("database", Outcome.FAILED, reason)
        return
    kind = identify(database).kind
    if kind is Kind.BLANK:
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
        schema = must_be(database, Kind.CURRENT).about
    except StartError as error:
        older = kind is Kind.OLDER
        yield Verdict("schema", Outcome.WARNING if older else Outcome.FAILED, str(error))
        return
    yield Verdict("schema", Outcome.OK, schema or "that of this program")
    yield from _contents(settings)
    yield from _webhooks(settings)


def _webhooks(settings: "Settings") -> Iterator[Verdict]:
    wanted = {name: webhook.events for name, webhook in settings.webhooks.items()}
    for one in summaries_of(settings.database_path, wanted):
        says = _trouble(one, known=one.name in wanted)
        outcome = Outcome.WARNING if says else Outcome.OK
        yield Verdict(f"webhook {one.name}", outcome, says or "Nothing had to be tried again.")


def _trouble(one: Summary, *, known: bool) -> str:
    """Return what is wrong with a webhook, nothing if it is well; *known*: the settings have it."""
    if not known:
        return f"It is not in the settings; `helpdesk webhooks drop --all --webhook {one.name}`."
    if one.standing.dead:
        return f"{one.standing.dead} deliveries were given up; see `helpdesk webhooks dead`."
    if one.standing.waiting:
        return f"{one.standing.waiting} deliveries are tried again; see `helpdesk webhooks list`."
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


def sqlite_verdict(version: tuple[int, ...]) -> Verdict:
    """Return whether SQLite *version* has the fault in its write-ahead log."""
    major, minor, patch = version[:3]
    name = f"SQLite {major}.{minor}.{patch}"
    if has_wal_reset_fault((major, minor, patch)):
        says = f"{name} can damage a file that two programs write to; let only the relay do it."
        return Verdict("sqlite", Outcome.WARNING, says)
    return Verdict("sqlite", Outcome.OK, name)


def _contents(settings: "Settings") -> Iterator[Verdict]:
    try:
        report = check_database(settings.database_path)
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
