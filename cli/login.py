"""`helpdesk login`: asks for an address and a token, tries them, and saves them if they work."""

from typing import TYPE_CHECKING

from cli import options, output
from cli.command import AsJson

if TYPE_CHECKING:
    from relay.settings import Settings


@options.settings_flags("url", "token")
def login(json: AsJson = False, **given: str | None) -> None:
    """Sign in to a relay, and save that for the console and the commands.

    An address without a scheme gets https, or http on this machine. What the settings say, such as
    HELPDESK_TOKEN, is not asked for.
    """
    from cli import profile
    from relay.settings import types

    if given["url"]:
        given["url"] = types.with_scheme(given["url"])
    settings = options.load(**given)
    profile.place()  # before anybody is asked for what could not be saved
    is_known = given["url"] or (settings.token and "url" in settings.model_fields_set)
    url = settings.url if is_known else _asked_address(settings)
    token, name = _signed_in(url, settings)
    path = profile.save(profile.Profile(url, token))
    if json:
        output.as_json({"url": url, "name": name, "file": str(path)})
    output.info(f"signed in at {url} as {name}; kept in {path}.")


def _asked_address(settings: "Settings") -> str:
    """Return the address that was typed, at which a relay answers; a person is asked again."""
    import asyncio

    from cli import profile
    from relay.client import Unreachable
    from relay.errors import StartError

    try:
        saved = profile.read()
    except profile.DamagedError:
        saved = None  # signing in replaces it
    known = settings.url if "url" in settings.model_fields_set or not saved else saved.url
    while True:
        try:
            url, is_mended = _answered(settings, known)
            asyncio.run(_reach(url, is_mended=is_mended))
        except (StartError, Unreachable) as wrong:
            if not output.can_ask_again():
                raise
            output.error(str(wrong))
        else:
            return url


def _answered(settings: "Settings", known: str) -> tuple[str, bool]:
    """Return the address that was typed, and whether its scheme was added."""
    from relay.errors import StartError
    from relay.settings import types

    typed = output.ask("The relay's address", known)
    address = types.with_scheme(typed)
    try:
        return types.relay_address(address), address != typed.strip()
    except ValueError:
        right = types.takes(settings.__class__.model_fields["url"])
        raise StartError(f"The relay's address has to be {right}.") from None


async def _reach(url: str, *, is_mended: bool) -> None:
    """Raise :exc:`Unreachable` if nothing answers at *url*, whose scheme may be a guess."""
    from relay.client import Unreachable, connect_agent

    try:
        await (await connect_agent(url)).close()
    except Unreachable as error:
        reason = str(error).rstrip(".")
        guess = ", or write http:// before it if it has no TLS" if is_mended else ""
        raise Unreachable(
            f"{reason}; check the address, and that the relay runs{guess}."
        ) from error


def _signed_in(url: str, settings: "Settings") -> tuple[str, str]:
    """Return the token of *settings*, or one that was typed, and whose it is at *url*."""
    import asyncio

    from cli.relay_client import RelayError

    if settings.token:
        token = settings.token.get_secret_value()
        return token, asyncio.run(name_at(url, token))
    while True:
        token = output.ask_secret("Your token")
        try:
            return token, asyncio.run(name_at(url, token))
        except RelayError as refused:
            if not output.can_ask_again():
                raise
            output.error(str(refused))


async def name_at(url: str, token: str) -> str:
    """Return who *token* is at the relay at *url*; raise HelpdeskError if it is nobody."""
    from cli.relay_client import agent_client

    async with agent_client(url, token) as client:
        return client.welcome.agent.name if client.welcome.agent else ""
