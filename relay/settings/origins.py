"""Origins of web pages: their one spelling, and which of them a setting allows. Pure."""

import re
from collections.abc import Iterable
from unicodedata import normalize
from urllib.parse import SplitResult, urlsplit

_USUAL_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_NAMED = re.compile(r"(https?)://([a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+)(:\d{1,5})?")
"""Origin of a page at a name of several labels, as browsers spell it."""
LONGEST_ORIGIN = 300
"""Characters; a host's name has at most 253."""
_REGISTRIES = frozenset(
    {
        *("ac", "co", "com", "edu", "gob", "gov", "gouv", "govt", "ltd", "mil", "ne", "net", "nom"),
        *("or", "org", "sch"),
    }
)
"""Labels under which two-letter domains register names: those below belong to many owners."""
_SHARED = frozenset(
    {
        *("appspot.com", "asn.au", "azurestaticapps.net", "azurewebsites.net", "blogspot.com"),
        *("cloudfront.net", "de.com", "eu.org", "firebaseapp.com", "fly.dev", "go.jp", "gr.jp"),
        *("id.au", "me.uk", "ngrok-free.app", "ngrok.app", "ngrok.io", "plc.uk", "run.app"),
        *("trycloudflare.com", "uk.com", "us.com", "web.core.windows.net"),
        *("github.io", "gitlab.io", "glitch.me", "herokuapp.com", "myshopify.com", "netlify.app"),
        *("onrender.com", "pages.dev", "replit.app", "surge.sh", "vercel.app", "web.app"),
        *("webflow.io", "wixsite.com", "wordpress.com", "workers.dev"),
    }
)
"""Domains of registries and hosting services at which anybody gets a name; there are more."""
_SHARED_BELOW = ".amazonaws.com"
"""End of the hosts of a service that gives names at several levels, such as one for each region."""


def split(url: str) -> SplitResult:
    """Return the parts of *url*, all empty if it has none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def host(text: str) -> str:
    """Return *text*, the name or address of a host, as far as a resolver can take it."""
    try:
        text.encode("idna")
    except UnicodeError:
        raise ValueError("") from None
    if not text or {" ", "/"} & {*text} or not text.isprintable():
        raise ValueError("")
    return text


def _ascii(name: str) -> str:
    """Return the name of a host as a browser spells it in ASCII (IDNA 2008, as UTS 46 has it).

    Python's codec is of IDNA 2003, in which `ß` and a final `ς` are other letters, and so other
    people's domains. It leaves out joiners, which matter too.
    """
    if {"\u200c", "\u200d"} & {*name}:
        raise ValueError("")
    return ".".join(map(_ascii_label, name.split(".")))


def _ascii_label(label: str) -> str:
    if not {"ß", "ẞ", "ς"} & {*label}:
        return label.encode("idna").decode()
    return f"xn--{normalize('NFKC', label).lower().encode('punycode').decode()}"


def origin_of(url: str) -> str:
    """Return the origin of *url* as a browser's ``Origin`` header spells it."""
    parts = split(url)
    try:
        name = _ascii(host(parts.hostname or ""))
        port = parts.port
    except ValueError:
        name, port = "", None
    if not parts.scheme or not name:
        raise ValueError("")
    if ":" in name:
        name = f"[{name}]"
    suffix = "" if port in {None, _USUAL_PORTS.get(parts.scheme)} else f":{port}"
    return f"{parts.scheme}://{name}{suffix}"


def origin(text: str) -> str:
    """Return *text*, which is an origin and nothing more, in its one spelling."""
    text = text.strip()
    parts = split(text)
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    try:
        found = origin_of(text)
    except ValueError:
        found = ""
    if more or not found or "*" in found:
        raise ValueError(
            f"{text!r} is no origin; write scheme://host[:port], such as https://shop.example"
        )
    return found


def origin_or_wildcard(text: str) -> str:
    """Return *text*, an origin, or one whose first label is a star, in its one spelling.

    The star stands for one or more whole labels of a name that has an owner.
    """
    scheme, separator, rest = text.strip().partition("://*.")
    if not separator:
        return origin(text)
    found = _NAMED.fullmatch(origin(f"{scheme}://{rest}"))
    if found is None or found[2].rpartition(".")[2].isdigit():
        raise ValueError(
            f"{text!r} would let in pages of many owners; name a domain of your own, "
            "such as https://*.shop.example"
        )
    first, _, last = found[2].partition(".")
    shared = found[2] in _SHARED or f".{found[2]}".endswith(_SHARED_BELOW)
    if shared or (first in _REGISTRIES and len(last) == 2):
        raise ValueError(
            f"anybody can have a page at {text!r}; list your own pages there one by one"
        )
    return f"{found[1]}://*.{found[2]}{found[3] or ''}"


class AllowedOrigins:
    """Set of the origins that a setting lists, with all that its wildcards stand for."""

    __slots__ = ("_listed",)

    def __init__(self, listed: Iterable[str]) -> None:
        """Allow *listed*, as :func:`origin_or_wildcard` spells them."""
        self._listed = frozenset(listed)

    def __contains__(self, origin: object) -> bool:
        """Return whether *origin*, any text in an ``Origin`` header, is allowed."""
        if origin in self._listed:
            return True
        short = isinstance(origin, str) and len(origin) <= LONGEST_ORIGIN
        found = _NAMED.fullmatch(str(origin)) if short else None
        if found is None:
            return False
        labels, port = found[2].split("."), found[3] or ""
        parents = (".".join(labels[count:]) for count in range(1, len(labels) - 1))
        return any(f"{found[1]}://*.{parent}{port}" in self._listed for parent in parents)
