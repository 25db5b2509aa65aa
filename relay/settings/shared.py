"""Settings of a running relay for the commands on its machine, without its secrets. Pure."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel, ConfigDict

from relay.settings.model import Settings, Site
from relay.settings.types import metavar

SHARED = tuple(
    name
    for name, field in Settings.model_fields.items()
    if metavar(field) is not None and name not in {"database", "url", "token"}
)
"""Settings that the relay has from a flag, which all users of its machine may see."""
OF_A_SITE = ("origins", "greeting", "require_identity")


class _Running(BaseModel):
    """The values of a relay; a newer one may have more."""

    model_config = ConfigDict(extra="ignore")

    settings: Mapping[str, object]
    sites: Mapping[str, Mapping[str, object]]


def shared_values(settings: Settings) -> str:
    """Return, as JSON, the *settings* that a relay tells the commands on its machine."""
    return _Running(
        settings=settings.model_dump(mode="json", include={*SHARED}, exclude_none=True),
        sites={
            name: site.model_dump(mode="json", include={*OF_A_SITE})
            for name, site in settings.sites.items()
        },
    ).model_dump_json()


def with_shared_values(settings: Settings, values: str) -> Settings:
    """Return *settings* as they are in the relay that told *values*; secrets stay as they are.

    Raises ValueError if *values* are no such JSON.
    """
    running = _Running.model_validate_json(values)
    known = {name: value for name, value in running.settings.items() if name in SHARED}
    checked = Settings.model_validate(known)
    sites = {name: _site(settings, name, said) for name, said in running.sites.items()}
    update = {name: getattr(checked, name) for name in SHARED}
    return settings.model_copy(update=update | {"sites": sites})


def _site(settings: Settings, name: str, said: Mapping[str, object]) -> Site:
    own = settings.sites.get(name)
    keys = {} if own is None else own.identity_keys
    shown = {name: value for name, value in said.items() if name in OF_A_SITE}
    return Site.model_validate(shown | {"identity_keys": keys})


def changed_since_start(settings: Settings, running: Settings) -> Collection[str]:
    """Return the names of what *settings* set otherwise than the *running* relay has it."""
    return [
        name
        for name in (*SHARED, "sites")
        if name in settings.model_fields_set and getattr(settings, name) != getattr(running, name)
    ]
