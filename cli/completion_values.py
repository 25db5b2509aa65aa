"""Values that a shell can complete for the command's flags and arguments.

They are those of the desk that the command line names, read from its file or asked of its relay.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli import options
from cli.export import DIALECTS, FORMATS
from cli.replay import SPEEDS
from relay.desk.request_query import STATUSES
from relay.errors import HelpdeskError

if TYPE_CHECKING:
    from relay.settings import Settings

Given = Mapping[str, object]
"""Flags and arguments that are on the command line already, by the names of their parameters."""

NEWEST = 200
"""Requests whose numbers and tags are offered."""
PATIENCE = 2.0
"""Seconds that a relay has to answer."""
FILES = frozenset({"FILE", "PATH"})
"""Metavars of what is a file, which the shell completes itself."""
DESK_FLAGS = ("config", "database", "url", "token")
_PLAIN = re.compile(r"[\w.@+/-][\w .@+/-]*")
"""Values that no shell takes for anything else once their spaces are escaped."""


@dataclass(slots=True)
class DeskValues:
    """Names that a desk has given; ``requests`` are the numbers of the newest requests."""

    agents: list[str] = field(default_factory=list)
    canned: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)


def completions(command: str, parameter: str, given: Given) -> list[str]:
    """Return the values of *parameter* in *command*, as in ``canned rm``; none if it is free.

    Whatever is wrong with the desk or the flags *given*, there are no values, and no error.
    """
    values = VALUES.get(f"{command.split(maxsplit=1)[0]} {parameter}") or VALUES.get(parameter)
    try:
        found = values(given) if values is not None and (command, parameter) not in NEW else ()
        return [value for value in found if _PLAIN.fullmatch(value)]
    except (HelpdeskError, typer.TyperException, OSError):
        return []


def _fixed(values: Iterable[str]) -> Callable[[Given], Iterable[str]]:
    return lambda _given: values


def _zones(_given: Given) -> Iterable[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())


def _settings(given: Given) -> "Settings":
    return options.load(**{name: given.get(name) for name in DESK_FLAGS})  # type: ignore[arg-type]


def _sites(given: Given) -> Iterable[str]:
    from relay.settings.model import DEFAULT_SITE

    return (DEFAULT_SITE, *_settings(given).sites)


def _languages(_given: Given) -> Iterable[str]:
    import web_widget

    return sorted(path.stem for path in Path(web_widget.__path__[0], "texts").glob("*.js"))


def _of_desk(name: str) -> Callable[[Given], Iterable[str]]:
    return lambda given: getattr(_desk(given), name)


def _desk(given: Given) -> DeskValues:
    """Return what the desk has that the command line names."""
    settings = _settings(given)
    if given.get("url") is None and settings.database_path.exists():
        return _in_file(settings.database_path)
    import asyncio

    return asyncio.run(_at_relay(settings))


def _in_file(database: Path) -> DeskValues:
    from relay.store.backends import database_at
    from relay.store.export_format import AgentLine, CannedLine, RequestLine
    from relay.store.values import RequestFilter

    found = DeskValues()
    with database_at(database).export_source() as source:
        # All but the requests, of which none has that number.
        for line, _ in source.complete(source.extent(RequestFilter(requests=(0,)))):
            if isinstance(line, AgentLine):
                found.agents.append(line.name)
            elif isinstance(line, CannedLine):
                found.canned.append(line.name)
        newest = source.extent(RequestFilter(newest=NEWEST))
        for entry in source.histories(newest):
            if isinstance(entry, RequestLine):
                found.requests.append(str(entry.request.id))
                found.tags.update(entry.request.tags)
    return found


async def _at_relay(settings: "Settings") -> DeskValues:
    import asyncio

    from cli import profile
    from cli.relay_client import agent_client
    from relay.wire import agent_in, agent_out

    async with (
        asyncio.timeout(PATIENCE),
        agent_client(*profile.where(settings, profile.read())) as client,
    ):
        page = await client.ask(agent_in.List(ref="list", limit=NEWEST), agent_out.Listed)
        return DeskValues(
            [agent.name for agent in client.welcome.agents],
            [canned.name for canned in client.welcome.canned],
            {tag for request in page.requests for tag in request.tags},
            [str(request.id) for request in page.requests],
        )


VALUES: dict[str, Callable[[Given], Iterable[str]]] = {
    "agent": _of_desk("agents"),
    "as_": _of_desk("agents"),
    "canned name": _of_desk("canned"),
    "dialect": _fixed(DIALECTS),
    "export form": _fixed(FORMATS),
    "lang": _languages,
    "log_format": _fixed(("json", "console")),
    "log_level": _fixed(("DEBUG", "INFO", "WARNING", "ERROR")),
    "name_or_id": _of_desk("agents"),
    "request": _of_desk("requests"),
    "requests": _of_desk("requests"),
    "require_identity": _fixed(("true", "false")),
    "site": _sites,
    "speed": _fixed(SPEEDS),
    "status": _fixed(STATUSES),
    "tag": _of_desk("tags"),
    "tz": _zones,
    "webhook": lambda given: _settings(given).webhooks,
    "webhooks name": lambda given: _settings(given).webhooks,
}
"""Where the values of a parameter come from, by its name, and by its group where others differ."""
NEW = frozenset({("canned add", "name")})
"""Parameters for what is not there yet."""
