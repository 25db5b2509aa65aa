"""`helpdesk snippet`: writes the line of HTML that adds the widget to a page.

It has the address and the sites of the relay that runs, or of the settings if none does.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from cli import options, output
from cli.command import AsJson
from cli.output import ExitCode

if TYPE_CHECKING:
    from relay.settings import Settings


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


@options.settings_flags("host", "port", "database", "public_url", "allowed_origins")
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
    fallback: Annotated[
        str | None, _words("A mail address or page for times without a connection.", "ADDRESS")
    ] = None,
    lang: Annotated[str | None, _words("The language; by default the page's.", "TAG")] = None,
    color: Annotated[str | None, _words("The Box's colour, as in CSS.", "COLOUR")] = None,
    form: Annotated[
        str | None, _words("Contact fields asked before a chat, as: name email*; a star: required.")
    ] = None,
    position: Annotated[Side | None, typer.Option(help="The side of the Box.")] = None,
    theme: Annotated[Theme | None, typer.Option(help="Light, dark, or the browser's.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Also check that browsers reach the relay there.")
    ] = False,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Print the line that embeds the widget in a page.

    It is for the relay that runs on the database, with whatever flags; where none runs, or a flag
    says otherwise, for the settings.
    """
    settings, port = _relay(given)
    attributes = {
        "data-label": label,
        "data-greeting": greeting,
        "data-fallback": fallback,
        "data-lang": lang,
        "data-color": color,
        "data-form": form,
        "data-position": position,
        "data-theme": theme,
    }
    tag = widget_tag(settings, port, site, attributes)
    if json:
        output.as_json({"snippet": tag})
    else:
        output.data(tag)
    if check:
        _check_address(settings, port)


def _check_address(settings: "Settings", port: int) -> None:
    """Exit with 1 if browsers do not reach the relay at the address in the tag."""
    from cli.doctor_checks import Outcome
    from cli.doctor_clients import public_results
    from relay.server.config import own_url

    for result in public_results(settings, own_url(settings, port)):
        if result.outcome is not Outcome.OK:
            output.error(result.says)
            raise typer.Exit(ExitCode.FAILED)
        output.info(result.says)


def widget_tag(
    settings: "Settings", port: int, site: str, attributes: Mapping[str, str | None]
) -> str:
    """Return the tag for pages of *site*; on stderr, what is still to be set.

    *port* is the relay's. Raises :exc:`StartError` if there is no such site or no address.
    """
    from html import escape

    from relay.errors import StartError
    from relay.server.config import own_url

    found = settings.site(site)
    if found is None:
        names = ", ".join(["default", *settings.sites])
        raise StartError(f"There is no site {site}; the settings have {names}.")
    if settings.public_url is None and not port:
        raise StartError("A free port is not known before the relay runs; set port or public_url.")
    if settings.public_url is None:
        output.info("this is the relay's own address; set public_url to where browsers reach it.")
    if not found.origins:
        output.info("no other site's pages may bear it yet; list their origins in the settings.")
    named = {"src": f"{own_url(settings, port)}/widget.js", "data-site": site, **attributes}
    line = "".join(f' {name}="{escape(value)}"' for name, value in named.items() if value)
    return f"<script async{line}></script>"


def _relay(given: dict[str, str | None]) -> "tuple[Settings, int]":
    """Return the settings of the relay that runs, and its port; the flags *given* go before."""
    from cli import relay_addresses
    from relay.errors import HomeUnknownError

    own = options.load(**given)
    try:
        running = relay_addresses.running_settings(own)
    except HomeUnknownError:
        running = None  # no database, and so no relay on it
    if running is None:
        return own, own.port
    flags = {name for name, value in given.items() if value is not None}
    chosen = {name: getattr(own, name) for name in {*type(own).model_fields} & flags}
    settings = running.model_copy(update=chosen)
    if "port" in chosen:
        return settings, settings.port
    urls = relay_addresses.listening_urls(own)
    return settings, (urlsplit(urls[0]).port if urls else None) or settings.port
