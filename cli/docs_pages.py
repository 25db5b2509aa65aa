"""The pages under docs/ that are generated from the program: `python -m cli.docs_pages`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from typer.testing import CliRunner

from cli import output
from cli.app import app
from relay.settings import reference

METRICS = """\
# The metrics

<!-- Made from relay/server/metrics_page.py by `python -m cli.docs_pages`; do not edit. -->

`GET /metrics` on the relay's port answers in Prometheus' text format. Two may ask:

- who calls from the relay's own machine, directly: the peer is a loopback address, and the request
  bears no `Forwarded` and no `X-Forwarded-For`, which a proxy on this machine would have added (let
  yours add one, or keep the path to itself);
- who sends `Authorization: Bearer` with the secret that the [setting](settings.md) `metrics_token`
  holds (`HELPDESK_METRICS_TOKEN`).

Everybody else gets 403, and not 404: that there are figures is no secret, and who has set the wrong
token should learn it. The control socket shows none at all.

```yaml
scrape_configs:
  - job_name: helpdesk
    authorization: {{ credentials_file: /etc/prometheus/helpdesk.token }}
    static_configs: [{{ targets: ["help.example.org"] }}]
```

No label has more values than there are words for it in the protocol: no number of a request, no
name and no address is in any of them. Counters begin at 0 with the process.

{table}

The `process_` figures are those of the library, and come on Linux alone. An acknowledgement is
timed from the arrival of a frame's last byte to the write of its answer, commit and sync included.
A client was resumed if its `hello` (a customer) or its `join` (an agent) said what it has already.

## What to watch

- `helpdesk_store_problem == 1`: nothing is stored; the log says why, and so does `/readyz`.
- `histogram_quantile(0.99, rate(helpdesk_acknowledgement_seconds_bucket[5m]))`: if it grows with
  `helpdesk_commit_seconds`, the disk is slow; if without, the process is busy.
- `helpdesk_wal_bytes`: checkpoints cut it back; if it only grows, somebody keeps a snapshot
  open.
- `rate(helpdesk_slow_clients_total[5m])` and `helpdesk_outgoing_bytes`: clients that do not read.
- `helpdesk_webhooks_lag_seconds` and `delta(helpdesk_webhooks_dead[1d])`: somebody does not take
  what [webhooks](webhooks.md) tell; `helpdesk webhooks list` says who.
- `rate(helpdesk_refusals_total{{code="unavailable"}}[5m])`: people who were told to try again.
"""

LOGS = """\
# The logs

<!-- Made from relay/log.py by `python -m cli.docs_pages`; do not edit. -->

`helpdesk serve` writes its log to stderr, one line an event: as JSON, or for people where stderr is
a terminal. [`log_format`](settings.md) chooses one, `log_level` says how much: WARNING, unless it
is set. Each line has `time` (UTC), `level` and `event`, and what is known of the fields below.

```json
{{"time": "2026-11-22T10:35:00.123Z", "level": "info", "event": "activity_stored", "request": 42,
 "seq": 3, "kind": "claimed", "role": "agent", "author": 3}}
```

No line holds what somebody wrote, a name, an email, a token, a page's address or a browser's name:
fields are numbers, and words of the program's own. `connection` is a number that begins at 1 with
the process, `request` is the request's, and `customer`, `agent`, `author` and `by` are ids (`by`
and `author` are 0 for the desk itself). A `ref` is what a client made up, and so is not told. Of an
error there is its kind and its place, never its message.

{table}

Of one event that clients can cause there are at most {most} lines a second. How many more there
were is told in a `lines_left_out` at the end of that second, so that nothing goes unsaid.
"""


def logs() -> str:
    """Return docs/logs.md."""
    import logging

    from relay.log import EVENTS, MAX_LINES

    rows = [
        (
            f"`{event.name}`",
            logging.getLevelName(event.level),
            ", ".join(f"`{field}`" for field in event.fields),
            event.description,
        )
        for event in EVENTS
    ]
    table = _table(("event", "level", "fields", "what has happened"), rows)
    return LOGS.format(table=table, most=MAX_LINES)


def metrics() -> str:
    """Return docs/metrics.md."""
    from relay.server.metrics_page import families

    rows = [
        (
            f"`{family.name}_total`" if family.type == "counter" else f"`{family.name}`",
            family.type,
            ", ".join(f"`{label}`" for label in family.labels),
            family.documentation,
        )
        for family in families()
    ]
    return METRICS.format(table=_table(("figure", "type", "labels", "what it is"), rows))


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (heading, ["---"] * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


COMMANDS = (
    (),
    ("demo",),
    ("serve",),
    ("tui",),
    ("login",),
    ("agent",),
    ("agent", "add"),
    ("agent", "list"),
    ("agent", "token"),
    ("agent", "disable"),
    ("agent", "enable"),
    ("requests",),
    ("requests", "list"),
    ("requests", "show"),
    ("send",),
    ("stats",),
    ("watch",),
    ("usage",),
    ("canned",),
    ("canned", "add"),
    ("canned", "edit"),
    ("canned", "list"),
    ("canned", "rm"),
    ("canned", "import"),
    ("canned", "export"),
    ("webhooks",),
    ("webhooks", "list"),
    ("webhooks", "dead"),
    ("webhooks", "retry"),
    ("webhooks", "drop"),
    ("webhooks", "secret"),
    ("webhooks", "test"),
    ("config",),
    ("config", "show"),
    ("config", "check"),
    ("config", "init"),
    ("snippet",),
    ("backup",),
    ("restore",),
    ("replay",),
    ("export",),
    ("import",),
    ("hold",),
    ("unhold",),
    ("purge",),
    ("check",),
    ("doctor",),
    ("completion",),
)
INTRODUCTION = """\
# The command

<!-- Made from the program by `python -m cli.docs_pages`; do not edit. -->

Data goes to stdout, talk to stderr. `--json` writes data that programs read, `--quiet` leaves the
talk out but for what goes wrong; there are bars and colours on terminals alone, and no colours
under `NO_COLOR`. The exit code is 0 if it is done, 1 if it failed, 2 if the command was not called
as it has to be, and 130 after Ctrl+C; but `serve` is meant to be ended so, and then ends in good
order, with 0. Every setting can be a flag, a variable or a line in a file: see
[settings](settings.md).

`helpdesk agent`, `canned`, `requests`, `stats`, `webhooks`, `hold`, `unhold` and `purge` work
whether the relay runs or not: they speak to the relay that has the database, and where none has it,
take the database for as long as they need. From another machine they take `--url` and an admin's
`--token`.
"""


def pages() -> dict[str, str]:
    """Return the pages by their names under docs/."""
    return {
        "cli.md": "\n".join([INTRODUCTION, *_sections()]),
        "logs.md": logs(),
        "metrics.md": metrics(),
        "settings.md": reference.page(),
    }


def _sections() -> Iterator[str]:
    for command in COMMANDS:
        shown = CliRunner().invoke(app, [*command, "--help"], prog_name=output.NAME)
        yield f"## {' '.join((output.NAME, *command))}\n\n```text\n{shown.stdout.strip()}\n```\n"


def write(folder: Path = Path("docs")) -> None:
    """Write the pages into *folder*."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(write)
