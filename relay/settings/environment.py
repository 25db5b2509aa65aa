"""The ``HELPDESK_*`` variables: those that set something, those of a Service, and typing errors.

Kubernetes gives every container variables for each Service; those of one called ``helpdesk``, such
as ``HELPDESK_PORT=tcp://10.43.12.3:8765``, have the prefix of the settings and mean none of them
(https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
"""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from relay.errors import StartError
from relay.settings.model import Settings
from relay.settings.types import takes

PREFIX = "HELPDESK_"
CONFIG = f"{PREFIX}CONFIG"
KNOWN = (*(f"{PREFIX}{name.upper()}" for name in Settings.model_fields), CONFIG)
"""The variables that mean something."""
SERVICE = re.compile(
    r"HELPDESK_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?"
    r"|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


class _Names(Settings, BaseSettings):
    """The names that pydantic-settings looks for; never instantiated."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True)


def environment() -> dict[str, object]:
    """Return what the ``HELPDESK_*`` variables say, unchecked but for their quotes and JSON.

    Raises :exc:`StartError` if a value stands in quotes or is no JSON where it has to be.
    """
    for name, value in _own():
        if name.upper() in KNOWN:
            _check_quotes(name, value)
    source = EnvSettingsSource(_Names)
    services = {name.lower() for name in service_variables()}
    source.env_vars = {
        name: value for name, value in source.env_vars.items() if name not in services
    }
    try:
        return source()
    except SettingsError as error:
        name = str(error).partition('"')[2].partition('"')[0]
        raise StartError(
            f"{PREFIX}{name.upper()}: it has to be {takes(Settings.model_fields[name])}, as JSON."
        ) from None


def config_variable() -> str | None:
    """Return the path in ``HELPDESK_CONFIG``, None if it is not set."""
    path = os.environ.get(CONFIG, "")
    _check_quotes(CONFIG, path)
    return path or None


def service_variables() -> list[str]:
    """Return the variables that tell of a Kubernetes Service, and set nothing."""
    return [name for name, value in _own() if _tells_of_a_service(name.upper(), value)]


def unknown_variables() -> Mapping[str, str | None]:
    """Return the other variables that set nothing, each with the one that may be meant."""
    services = service_variables()
    return {
        name: _meant(name.upper())
        for name, _ in _own()
        if name.upper() not in KNOWN and name not in services
    }


def _meant(name: str) -> str | None:
    # Without the prefix, which all have in common, so that only what is alike is found.
    known = {one.removeprefix(PREFIX): one for one in KNOWN}
    close = get_close_matches(name.removeprefix(PREFIX), known, n=1)
    return known[close[0]] if close else None


def _check_quotes(name: str, value: str) -> None:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        raise StartError(
            f"{name}: its value stands in quotes, which no shell has taken off, as in a file for "
            "`docker run --env-file`; leave them out."
        )


def _own() -> Iterator[tuple[str, str]]:
    """Yield the names and values of all variables with our prefix, in either case, sorted."""
    return (
        (name, value)
        for name, value in sorted(os.environ.items())
        if name.upper().startswith(PREFIX)
    )


def _tells_of_a_service(name: str, value: str) -> bool:
    if name.endswith("_PORT") and SERVICE_ADDRESS.match(value):
        return True
    return name not in KNOWN and SERVICE.fullmatch(name) is not None
