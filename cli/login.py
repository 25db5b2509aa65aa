"""`helpdesk login`: asks for an address and a token, tries them, and keeps what works."""

import asyncio

from cli import flags, output


@flags.settings_flags("url", "token")
def login(**given: str | None) -> None:
    """Sign in to a relay, and keep that for the console."""
    from cli import profile

    settings = flags.load(**given)
    saved = profile.read()
    known = settings.url if "url" in settings.model_fields_set or not saved else saved.url
    url = given["url"] or output.ask("The relay's address", known)
    url = flags.load(**given | {"url": url}).url
    token = given["token"] or output.ask_secret("Your token")
    name = asyncio.run(name_at(url, token))
    path = profile.save(profile.Profile(url, token))
    output.say(f"signed in at {url} as {name}; kept in {path}.")


async def name_at(url: str, token: str) -> str:
    """Return who *token* is at the relay at *url*; raise HelpdeskError if it is nobody."""
    from cli.desk import signed_in

    async with signed_in(url, token) as (_, welcome):
        return welcome.agent.name if welcome.agent else ""
