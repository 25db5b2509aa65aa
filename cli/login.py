"""`helpdesk login`: asks for an address and a token, tries them, and saves them if they work."""

from typing import TYPE_CHECKING

from cli import options, output
from cli.command import AsJson

if TYPE_CHECKING:
    from relay.settings import Settings


@options.settings_flags("url", "token")
def login(json: AsJson = False, **given: str | None) -> None:
    """Sign in to a relay, and save that for the console."""
    import asyncio

    from cli import profile

    settings = options.load(**given)
    profile.place()  # before anybody is asked for what could not be saved
    url = settings.url if given["url"] else _asked_address(settings)
    token = given["token"] or output.ask_secret("Your token")
    name = asyncio.run(name_at(url, token))
    path = profile.save(profile.Profile(url, token))
    if json:
        output.as_json({"url": url, "name": name, "file": str(path)})
    output.info(f"signed in at {url} as {name}; kept in {path}.")


def _asked_address(settings: "Settings") -> str:
    from cli import profile
    from relay.errors import StartError
    from relay.settings import types

    try:
        saved = profile.read()
    except profile.DamagedError:
        saved = None  # signing in replaces it
    known = settings.url if "url" in settings.model_fields_set or not saved else saved.url
    try:
        return types.relay_address(output.ask("The relay's address", known))
    except ValueError:
        right = types.takes(settings.__class__.model_fields["url"])
        raise StartError(f"The relay's address has to be {right}.") from None


async def name_at(url: str, token: str) -> str:
    """Return who *token* is at the relay at *url*; raise HelpdeskError if it is nobody."""
    from cli.relay_client import agent_client

    async with agent_client(url, token) as client:
        return client.welcome.agent.name if client.welcome.agent else ""
