"""`helpdesk snippet`: the one line that puts the widget on a page. Asks no relay."""

from typing import Annotated

import typer

from cli import flags, output


@flags.settings_flags("host", "port", "public_url", "allowed_origins")
def snippet(
    site: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The site, one of those in the settings.",
            callback=flags.in_text,
        ),
    ] = "default",
    **given: str | None,
) -> None:
    """Write the line that puts the widget on a page."""
    from html import escape

    from relay.errors import StartError
    from relay.server.config import own_url

    settings = flags.load(**given)
    found = settings.site(site)
    if found is None:
        names = ", ".join(["default", *settings.sites])
        raise StartError(f"There is no site {site}; the settings have {names}.")
    if settings.public_url is None and not settings.port:
        raise StartError("A free port is not known before the relay runs; set port or public_url.")
    if settings.public_url is None:
        output.say("this is the relay's own address; set public_url to where browsers reach it.")
    if not found.origins:
        output.say("no other site's pages may bear it yet; list their origins in the settings.")
    address = own_url(settings, settings.port)
    output.data(
        f'<script async src="{escape(address)}/widget.js" data-site="{escape(site)}"></script>'
    )
