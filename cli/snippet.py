"""`helpdesk snippet`: writes the line of HTML that adds the widget to a page. Asks no relay."""

from enum import StrEnum
from typing import Annotated

import typer

from cli import options, output
from cli.command import AsJson


class Side(StrEnum):
    """The corner of the Box."""

    LEFT = "left"
    RIGHT = "right"


class Theme(StrEnum):
    """The colour scheme of the widget."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


def _shown(words: str | None) -> str | None:
    return None if words is None else options.require_utf8("What the widget shows", words)


def _words(help_text: str, metavar: str = "TEXT") -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar=metavar, help=help_text, callback=_shown)
    return option


@options.settings_flags("host", "port", "public_url", "allowed_origins")
def snippet(
    *,
    site: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="A site of the settings.",
            callback=options.require_utf8_name,
        ),
    ] = "default",
    label: Annotated[str | None, _words("The text of the Box.")] = None,
    greeting: Annotated[str | None, _words("A sentence above the conversation.")] = None,
    lang: Annotated[str | None, _words("The language; by default the page's.", "TAG")] = None,
    color: Annotated[str | None, _words("The Box's colour, as in CSS.", "COLOUR")] = None,
    form: Annotated[
        str | None, _words("Contact fields asked before a chat, as: name email*; a star: required.")
    ] = None,
    position: Annotated[Side | None, typer.Option(help="The side of the Box.")] = None,
    theme: Annotated[Theme | None, typer.Option(help="Light, dark, or the browser's.")] = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Print the line that embeds the widget in a page."""
    from html import escape

    from relay.errors import StartError
    from relay.server.config import own_url

    settings = options.load(**given)
    found = settings.site(site)
    if found is None:
        names = ", ".join(["default", *settings.sites])
        raise StartError(f"There is no site {site}; the settings have {names}.")
    if settings.public_url is None and not settings.port:
        raise StartError("A free port is not known before the relay runs; set port or public_url.")
    if settings.public_url is None:
        output.info("this is the relay's own address; set public_url to where browsers reach it.")
    if not found.origins:
        output.info("no other site's pages may bear it yet; list their origins in the settings.")
    attributes = {
        "src": f"{own_url(settings, settings.port)}/widget.js",
        "data-site": site,
        "data-label": label,
        "data-greeting": greeting,
        "data-lang": lang,
        "data-color": color,
        "data-form": form,
        "data-position": position,
        "data-theme": theme,
    }
    line = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    tag = f"<script async{line}></script>"
    if json:
        output.as_json({"snippet": tag})
    else:
        output.data(tag)
