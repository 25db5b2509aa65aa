"""What an origin, a page's address and a database may look like. Pure.

Each function returns the value in its one spelling, or raises ValueError; the sentence in it, if
any, never repeats a URL that may hold a password.
"""

from urllib.parse import SplitResult, unquote, urlsplit

_USUAL_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def origin_of(url: str) -> str:
    """Return the origin of *url* as a browser's ``Origin`` header spells it."""
    parts = _split(url)
    try:
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:
        host, port = "", None
    if not parts.scheme or not host:
        raise ValueError("")
    if ":" in host:
        host = f"[{host}]"
    suffix = "" if port in {None, _USUAL_PORTS.get(parts.scheme)} else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def origin(text: str) -> str:
    """Return *text*, which is an origin and nothing more, in its one spelling."""
    text = text.strip()
    parts = _split(text)
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


def web_address(text: str) -> str:
    """Return *text*, the http or https address of a page or folder, without a slash at its end."""
    return _address(text, {"http", "https"})


def relay_address(text: str) -> str:
    """Return *text*, the address at which a relay answers, without a slash at its end."""
    return _address(text, {"http", "https", "ws", "wss"})


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
    return path


def _address(text: str, schemes: set[str]) -> str:
    address = text.strip().rstrip("/")
    parts = _split(address)
    origin_of(address)
    if parts.scheme not in schemes or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("")
    return address


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
