"""Loads the settings: flags before environment before ``helpdesk.toml``; one sentence per mistake.

Reads the environment and one file, writes nothing, and never repeats what a secret was set to.
"""

import os
from collections import ChainMap
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from tomllib import TOMLDecodeError

from platformdirs import user_config_path
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from relay.errors import StartError
from relay.settings.model import Console, Settings, Site, Webhook, check
from relay.settings.types import takes

FILE = "helpdesk.toml"
PREFIX = "HELPDESK_"


class FlagError(StartError):
    """The value of a flag is invalid for its setting."""


class _Sources(Settings, BaseSettings):
    """The names that pydantic-settings looks for; never instantiated."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True)


def load(config: Path | None = None, **flags: object) -> Settings:
    """Return the settings; a flag that is None was not given. Raises :exc:`StartError`."""
    path = _file(config)
    return merge(
        {name: value for name, value in flags.items() if value is not None},
        environment(),
        _file_values(path) if path else {},
        str(path),
    )


def load_with_sources(config: Path | None = None) -> tuple[Settings, dict[str, str]]:
    """Return the settings without flags, and where the value of each comes from."""
    path, variables = _file(config), environment()
    in_file = _file_values(path) if path else {}
    settings = merge({}, variables, in_file, str(path))
    places = dict.fromkeys(Settings.model_fields, "default")
    places |= dict.fromkeys(in_file, str(path))
    places |= {name: f"{PREFIX}{name.upper()}" for name in variables}
    return settings, places


def unknown_variables() -> list[str]:
    """Return the ``HELPDESK_*`` variables that set nothing: each may be a typing error."""
    known = {f"{PREFIX}{name.upper()}" for name in (*Settings.model_fields, "config")}
    upper = {name.upper(): name for name in os.environ}
    return [upper[name] for name in sorted(upper) if name.startswith(PREFIX) and name not in known]


def merge(
    flags: Mapping[str, object],
    environment: Mapping[str, object],
    in_file: Mapping[str, object],
    file: str,
) -> Settings:
    """Return the settings from the three, the first before the others; *file* names the third."""
    try:
        settings = Settings.model_validate(
            dict(ChainMap(dict(flags), dict(environment), dict(in_file)))
        )
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        # Of a key that is wrong pydantic says so behind it.
        path = [str(part) for part in first["loc"] if part != "[key]"]
        problem = _problem(path, first["type"], str(first.get("ctx", {}).get("error", "")))
    else:
        check(settings)
        return settings
    if path[0] in flags:
        raise FlagError(f"--{path[0].replace('_', '-')}: {problem}")
    if path[0] in environment:
        raise StartError(f"{PREFIX}{path[0].upper()}: {problem}")
    raise StartError(f"{'.'.join(path)} in {file}: {problem}")


def _file(config: Path | None) -> Path | None:
    chosen = config or os.environ.get(f"{PREFIX}CONFIG")
    if chosen:
        return Path(chosen).expanduser()
    places = (Path(FILE), user_config_path("helpdesk", appauthor=False) / FILE)
    return next((place for place in places if place.is_file()), None)


def _file_values(path: Path) -> dict[str, object]:
    if not path.is_file():
        raise StartError(f"{path} is not there; name a file of settings, or none.")
    try:
        return TomlConfigSettingsSource(_Sources, path)()
    except (TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartError(f"{path} is no TOML: {error}; mend that place.") from None
    except OSError as error:
        raise StartError(f"{path} cannot be read ({error.strerror}); check whose it is.") from None


def environment() -> dict[str, object]:
    """Return what the ``HELPDESK_*`` variables say, unchecked but for their JSON."""
    try:
        return EnvSettingsSource(_Sources)()
    except SettingsError as error:
        name = str(error).partition('"')[2].partition('"')[0]
        raise StartError(
            f"{PREFIX}{name.upper()}: {_has_to_be(Settings.model_fields[name])}, as JSON."
        ) from None


def _problem(path: list[str], kind: str, said: str) -> str:
    match path:
        case ["sites", _, name, *_]:
            fields = Site.model_fields
        case ["webhooks", _, name, *_]:
            fields = Webhook.model_fields
        case ["console", name, *_]:
            fields = Console.model_fields
        case [name, *_]:
            fields = Settings.model_fields
    if kind != "extra_forbidden":
        return f"{said or _has_to_be(fields[name])}."
    close = get_close_matches(name, fields, n=1)
    remedy = f"perhaps {close[0]} is meant" if close else f"there are {', '.join(fields)}"
    return f"there is no such setting; {remedy}."


def _has_to_be(field: FieldInfo) -> str:
    return f"it has to be {takes(field)}"
