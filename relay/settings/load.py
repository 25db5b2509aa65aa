"""Loads the settings: flags before environment before ``helpdesk.toml``; one sentence per mistake.

It writes nothing, and never repeats what a secret was set to.
"""

import os
import tomllib
from collections import ChainMap
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from platformdirs import user_config_path
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from relay.errors import StartError
from relay.files import in_home, read_regular, user_name
from relay.settings.environment import PREFIX, config_variable, environment
from relay.settings.model import Console, Settings, Site, Webhook, check
from relay.settings.types import takes

FILE = "helpdesk.toml"
OF_THE_MACHINE = Path("/etc/helpdesk") / FILE
"""The file that the Debian package installs; who may not read it does without."""
LONGEST = 1024 * 1024
"""Bytes of a file of settings."""


class FlagError(StartError):
    """The value of a flag is invalid for its setting."""


def load(config: Path | None = None, **flags: object) -> Settings:
    """Return the settings; a flag that is None was not given. Raises :exc:`StartError`."""
    path = _file_to_read(config)
    return merge(
        {name: value for name, value in flags.items() if value is not None},
        environment(),
        _values_in(path) if path else {},
        str(path),
    )


def load_with_sources(config: Path | None = None) -> tuple[Settings, dict[str, str]]:
    """Return the settings without flags, and where the value of each comes from."""
    path, variables = _file_to_read(config), environment()
    in_file = _values_in(path) if path else {}
    settings = merge({}, variables, in_file, str(path))
    places = dict.fromkeys(Settings.model_fields, "default")
    places |= dict.fromkeys(in_file, str(path))
    places |= {name: f"{PREFIX}{name.upper()}" for name in variables}
    return settings, places


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


def _file_to_read(named: Path | None) -> Path | None:
    """Return the file that is *named* here or by a variable, else the first that is there."""
    chosen = named or config_variable()
    if chosen:
        return Path(chosen).expanduser()
    own = in_home(lambda: user_config_path("helpdesk", appauthor=False) / FILE)
    # `sudo -u` keeps a current folder that its user may not enter, such as /root.
    here = Path(FILE) if os.access(os.curdir, os.X_OK) else None
    found = next((place for place in (here, own) if place and _is_there(place)), None)
    if found is None and os.access(OF_THE_MACHINE, os.R_OK):
        return OF_THE_MACHINE
    return found


def _values_in(path: Path) -> dict[str, object]:
    """Return what the file says; raise :exc:`StartError` with the reason if it cannot be read."""
    if path.is_dir():
        raise StartError(
            f"{path} is a folder (a container makes one where a file to mount is missing); "
            "put the file of settings in its place, or name another."
        )
    try:
        data = read_regular(path, LONGEST)
    except FileNotFoundError:
        raise StartError(f"{path} is not there; name a file of settings, or none.") from None
    except PermissionError:
        raise StartError(_closed(path)) from None
    except OSError as error:
        raise StartError(f"{path} cannot be read ({error.strerror}); name another.") from None
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StartError(
            f"{path} is not in UTF-8 (line {line}); save it in that encoding."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise StartError(f"{path} is no TOML: {error}; mend that place.") from None


def _is_there(path: Path) -> bool:
    """Return whether *path* exists; raise :exc:`StartError` if its folder may not be searched."""
    try:
        path.stat()
    except PermissionError:
        raise StartError(_closed(path)) from None
    except OSError:
        return False
    return True


def _closed(path: Path) -> str:
    here = user_name(os.geteuid())
    try:
        owner = user_name(path.stat().st_uid)
    except OSError:
        return f"{path} lies in a folder that {here} may not enter; open it, or name another file."
    return f"{path} belongs to {owner}, and {here} may not read it; let them, or name another file."


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
