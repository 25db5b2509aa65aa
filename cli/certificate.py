"""Whether browsers will believe the certificate of the desk's public address. Asks that address."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cli.verdicts import Outcome, Verdict

CHECK = "certificate"
PATIENCE = 5.0
"""Seconds that the address has to answer."""
SOON = timedelta(days=14)
"""A certificate that ends within this should have been renewed by now."""


def certificate(url: str | None, now: datetime) -> Verdict:
    """Return how the certificate of *url* is at the moment *now*: its chain, name and end."""
    parts = urlsplit(url or "")
    if parts.scheme != "https" or parts.hostname is None:
        return Verdict(CHECK, Outcome.NOT_RUN, "There is no public_url with https.")
    try:
        ends = _end_of(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return Verdict(CHECK, Outcome.FAILED, f"{parts.hostname}: {error.verify_message}.")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Verdict(CHECK, Outcome.FAILED, f"{parts.netloc} does not answer ({reason}).")
    left = ends - now
    says = f"It ends on {ends:%Y-%m-%d}, in {left.days} days."
    return Verdict(CHECK, Outcome.WARNING if left < SOON else Outcome.OK, says)


def _end_of(host: str, port: int) -> datetime:
    """Return when the certificate ends that *host* shows; raise if it is not to be believed."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
