"""The profile that `helpdesk login` saves: an address and a token, in a file of mode 0600.

It never sends the token anywhere.
"""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from relay.errors import HomeUnknownError, StartError
from relay.files import atomic_write, in_home, read_regular

if TYPE_CHECKING:
    from relay.settings import Settings


LARGEST = 64 * 1024
"""Bytes of a profile."""


class DamagedError(StartError):
    """The profile cannot be read; signing in again replaces it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The address of a relay and an agent's token for it."""

    url: str
    token: str = field(repr=False)


def place() -> Path:
    """Return where the profile lies; raise :exc:`HomeUnknownError` if there is no place for it."""
    path = in_home(lambda: user_config_path("helpdesk", appauthor=False) / "profile.toml")
    if path is None:
        raise HomeUnknownError("XDG_CONFIG_HOME")
    return path


def read() -> Profile | None:
    """Return the saved profile, None if there is none; raise :exc:`DamagedError` if it is none."""
    try:
        path = place()
    except HomeUnknownError:
        return None  # nothing was ever saved
    if not path.exists():
        return None
    try:
        saved = tomllib.loads(read_regular(path, LARGEST).decode())
        return Profile(str(saved["url"]), str(saved["token"]))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError):
        raise DamagedError(f"{path} is damaged; run `helpdesk login` again.") from None


def where(settings: "Settings", saved: Profile | None) -> tuple[str, str]:
    """Return the address and the token of *settings* or, where these are silent, those *saved*."""
    url = settings.url if "url" in settings.model_fields_set or not saved else saved.url
    return url, token_for(url, settings, saved)


def token_for(url: str, settings: "Settings", saved: Profile | None) -> str:
    """Return the token of *settings*, or the *saved* one if it was saved for the relay at *url*.

    Raises :exc:`StartError` if there is none: a saved token goes to no other relay.
    """
    if settings.token:
        return settings.token.get_secret_value()
    if saved and saved.url == url:
        return saved.token
    raise StartError(f"There is no token for {url}; run `helpdesk login` first.")


def save(profile: Profile) -> Path:
    """Put *profile* in the place of the old one, whole or not at all, and return where."""
    path = place()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic_write(path) as write:
        write(f"url = {_quoted(profile.url)}\ntoken = {_quoted(profile.token)}\n".encode())
    return path


def _quoted(text: str) -> str:
    # Without its escapes for what is not ASCII, JSON writes strings as TOML reads them.
    return json.dumps(text, ensure_ascii=False)
