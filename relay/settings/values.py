"""What a host, an origin, a page's address and a path may look like. Pure but for home folders.

Each function returns the value in its one spelling, or raises ValueError; the sentence in it, if
any, never repeats a URL that may hold a password.
"""

from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

_USUAL_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


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


def origin_of(url: str) -> str:
    """Return the origin of *url* as a browser's ``Origin`` header spells it."""
    parts = split(url)
    try:
        name = host(parts.hostname or "").encode("idna").decode()
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


def network(text: str) -> str:
    """Return *text*, a network in CIDR or a single address, as a network in its one spelling."""
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        raise ValueError(
            f"{text!r} is no network; write one such as 10.0.0.0/8, or a single address"
        ) from None


def web_address(text: str) -> str:
    """Return *text*, the http or https address of a page or folder, without a slash at its end."""
    return _address(text, {"http", "https"})


def relay_address(text: str) -> str:
    """Return *text*, the address at which a relay answers, without a slash at its end."""
    return _address(text, {"http", "https", "ws", "wss"})


def is_here(host: str) -> bool:
    """Whether *host* is this machine, by name or address."""
    return host == "localhost" or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether *host* is an address of this machine alone, written as IPv4, IPv6 or one in other."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def database_file(database: str) -> str:
    """Return the path in *database*, itself a path or a SQLite URL."""
    if "://" not in database:
        path = database
    else:
        scheme, _, rest = database.partition("://")
        if scheme.partition("+")[0] != "sqlite":
            raise ValueError(f"{scheme} is not supported; give a path or sqlite:///PATH")
        path = unquote(rest.removeprefix("/"))
        if not rest.startswith("/") or "?" in path:
            raise ValueError("this SQLite URL is not supported; give a path or sqlite:///PATH")
    if path in {"", ":memory:"}:
        raise ValueError("a database in memory is not supported; give a path or sqlite:///PATH")
    if not Path(path).name:
        raise ValueError(f"{path} is a folder; give a path or sqlite:///PATH")
    if "\0" in path:
        raise ValueError("a path cannot hold a NUL; give a path or sqlite:///PATH")
    return path


def in_full(path: str) -> Path:
    """Return *path* with the home folder that its ``~`` stands for."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        home = Path(path).parts[0]
        raise ValueError(f"the home folder {home} is not known; give the path in full") from None


def _address(text: str, schemes: set[str]) -> str:
    address = text.strip().rstrip("/")
    parts = split(address)
    origin_of(address)
    if not address.isprintable():
        raise ValueError("")
    if parts.scheme not in schemes or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("")
    return address
