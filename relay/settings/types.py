"""The types of settings: how each is parsed, checked and described."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from relay.settings.origins import host, origin, origin_of, origin_or_wildcard, split

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/", re.IGNORECASE)


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


def with_scheme(text: str) -> str:
    """Return *text*, an address as people type it, with a scheme: http if it is here, else https.

    What has one, even a wrong one, is returned as it is.
    """
    typed = text.strip()
    if not typed or _SCHEME.match(typed):
        return typed
    here = is_here(split(f"//{typed}").hostname or "")
    return f"{'http' if here else 'https'}://{typed}"


def is_here(host: str) -> bool:
    """Return whether *host* is this machine, by name or address."""
    return host == "localhost" or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Return whether *host* is a loopback address, in IPv4, IPv6 or one in the other."""
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


@dataclass(frozen=True, slots=True)
class Takes:
    """Accepted values of a setting in words, which end the sentence "it has to be ..."."""

    words: str
    metavar: str | None = None
    """Its placeholder in ``--help``; None for a setting without a flag."""


def takes(field: FieldInfo) -> str:
    """Return in words what *field* takes."""
    return _takes(field).words


def metavar(field: FieldInfo) -> str | None:
    """Return the placeholder of *field* in ``--help``; None if it has no flag."""
    return _takes(field).metavar


def _takes(field: FieldInfo) -> Takes:
    return next(mark for mark in field.metadata if isinstance(mark, Takes))


def parts(value: object) -> object:
    """Return the list that is meant by *value*: in a variable, commas part it."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def hosts(value: object) -> object:
    """Return the list that is meant by *value*, whose items may be parted by commas, too."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return parts(",".join(value))
    return parts(value)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _no_boolean(value: object) -> object:
    # As a number, `retention_days = false` would mean 0: delete at closing.
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - pydantic reads no other as a complaint
    return value


def _database(value: str) -> str:
    in_full(database_file(value))
    return value


Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(host)], ...],
    BeforeValidator(hosts),
    NoDecode,
    Field(min_length=1),
    Takes(
        "a host's name or address, or several with commas between them or as a list",
        "HOSTS",
    ),
]
Port = Annotated[
    int,
    BeforeValidator(_no_boolean),
    Field(ge=0, le=65_535),
    Takes("a whole number from 0 to 65535", "PORT"),
]
Database = Annotated[str, AfterValidator(_database), Takes("a path or `sqlite:///PATH`", "PATH")]
PublicUrl = Annotated[
    Annotated[str, AfterValidator(web_address)] | None,
    Takes("an address such as `https://desk.example`", "URL"),
]
RelayUrl = Annotated[
    str,
    AfterValidator(relay_address),
    Takes("an http, https, ws or wss address such as `http://127.0.0.1:8765`", "URL"),
]
Origins = Annotated[
    tuple[Annotated[str, AfterValidator(origin_or_wildcard)], ...],
    BeforeValidator(parts),
    NoDecode,
    Takes(
        "origins such as `https://shop.example` or `https://*.shop.example`, with commas between "
        "them or as a list",
        "ORIGINS",
    ),
]
ExactOrigins = Annotated[
    tuple[Annotated[str, AfterValidator(origin)], ...],
    BeforeValidator(parts),
    NoDecode,
    Takes(
        "origins such as `https://desk.example`, with commas between them or as a list", "ORIGINS"
    ),
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(network)], ...],
    BeforeValidator(parts),
    NoDecode,
    Takes(
        "networks such as `10.0.0.0/8` or `127.0.0.1`, with commas between them or as a list",
        "NETWORKS",
    ),
]
Name = Annotated[
    str, Field(min_length=1, max_length=100), Takes("a name of 1 to 100 characters", "NAME")
]
Words = Annotated[str, Field(min_length=1), Takes("a text that is not empty", "TEXT")]
Days = Annotated[
    int | None,
    BeforeValidator(_no_boolean),
    Field(ge=0, le=36_500),
    Takes("a whole number from 0 to 36500", "DAYS"),
]
Hours = Annotated[
    int | None,
    BeforeValidator(_no_boolean),
    Field(ge=1, le=876_000),
    Takes("a whole number from 1 to 876000", "HOURS"),
]
Count = Annotated[
    int,
    BeforeValidator(_no_boolean),
    Field(ge=0),
    Takes("a whole number, or 0 for no limit", "N"),
]
Rate = Annotated[
    float,
    BeforeValidator(_no_boolean),
    Field(ge=0, allow_inf_nan=False),
    Takes("a number, or 0 for no limit", "N"),
]
Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(_upper),
    Takes("DEBUG, INFO, WARNING or ERROR", "LEVEL"),
]
Switch = Annotated[bool, Takes("true or false", "BOOL")]
Secrets = Annotated[
    Mapping[Annotated[str, Field(min_length=1)], Annotated[str, Field(min_length=1)]],
    Field(repr=False),
    Takes('a secret for each key id, such as `{"2026": "secret"}`'),
]
Token = Annotated[SecretStr | None, Takes("an agent's token", "TOKEN")]
MetricsToken = Annotated[
    Annotated[SecretStr, Field(min_length=16)] | None,
    Takes("a secret of 16 characters or more"),
]
LogFormat = Annotated[Literal["json", "console"] | None, Takes("json or console", "FORMAT")]
