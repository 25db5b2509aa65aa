"""`helpdesk webhooks`: secrets for them, and whether the other side takes what they send."""

import time
from typing import Annotated

import typer

from cli import flags, output
from cli.asking import AsJson
from cli.output import ExitCode

app = typer.Typer(
    help="Make secrets for webhooks, and try whether they arrive.", rich_markup_mode=None
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="As the settings call it.", callback=flags.in_text)
]


@app.command()
def secret() -> None:
    """Write a new secret to sign with, for the settings and for the other side."""
    from base64 import b64encode
    from secrets import token_bytes

    from relay.settings.webhook import SECRET

    output.data(f"{SECRET}{b64encode(token_bytes(32)).decode()}")


@app.command()
@flags.settings_flags()
def test(name: Name, json: AsJson = False, **given: str | None) -> None:
    """Send a ping from here, signed as all else is, and tell how it went."""
    import asyncio
    from secrets import token_hex

    from relay.desk.events import Millis
    from relay.errors import StartError
    from relay.webhooks.endpoint import endpoints
    from relay.webhooks.outcome import MEANINGS, Outcome
    from relay.webhooks.payload import ping
    from relay.webhooks.posting import deliver, trusting

    known = endpoints(flags.load(**given))
    if name not in known:
        remedy = f"there are {', '.join(known)}" if known else "`webhooks` in the settings has none"
        raise StartError(f"There is no webhook {name}; {remedy}.")
    began, at = time.perf_counter(), time.time()
    body = ping(Millis(int(at * 1000)))
    answer = asyncio.run(deliver(known[name], f"ping-{token_hex(8)}", int(at), body, trusting()))
    seconds = round(time.perf_counter() - began, 3)
    if json:
        output.as_json(
            {
                "webhook": name,
                "outcome": answer.outcome,
                "status": answer.status,
                "seconds": seconds,
            }
        )
    else:
        status = f" (status {answer.status})" if answer.status else ""
        output.data(f"{name}: {MEANINGS[answer.outcome]}{status}, after {seconds} s.")
    if answer.outcome is not Outcome.DELIVERED:
        raise typer.Exit(ExitCode.FAILED)
