"""`helpdesk healthcheck`: tells whether the relay that runs here takes messages."""

from cli import options, output
from cli.command import AsJson


@options.settings_flags("database")
def healthcheck(json: AsJson = False, **given: str | None) -> None:
    """Exit with 0 if the relay takes messages at all its addresses, else with 1."""
    from cli import relay_addresses
    from relay.errors import StartError

    settings = options.load(**given)
    urls = relay_addresses.listening_urls(settings)
    if not urls:
        raise StartError("The relay listens at no address yet; ask again.")
    for url in urls:
        relay_addresses.require_ready(url)
    if json:
        output.as_json({"urls": urls})
    output.info(f"the relay takes messages at {', '.join(urls)}.")
