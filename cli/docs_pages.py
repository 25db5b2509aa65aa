"""Writes the files that are generated from the program: `python -m cli.docs_pages`."""

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import typer

from cli.output import NAME
from relay.settings import reference

METRICS = """\
# The metrics

<!-- Made from relay/metrics.py by `python -m cli.docs_pages`; do not edit. -->

`GET /metrics` on the relay's port returns Prometheus' text format. It is readable

- directly from the relay's own machine: the peer is a loopback address, and the request has no
  `Forwarded` and no `X-Forwarded-For` header, which a proxy on this machine would have added (make
  sure that yours does, or block the path there);
- with the header `Authorization: Bearer` and the secret of the [setting](settings.md)
  `metrics_token` (`HELPDESK_METRICS_TOKEN`).

All other requests get 403, and not 404: the existence of the metrics is no secret, and a wrong
token should be noticed. The control socket serves no metrics.

```yaml
scrape_configs:
  - job_name: helpdesk
    authorization: {{ credentials_file: /etc/prometheus/helpdesk.token }}
    static_configs: [{{ targets: ["help.example.org"] }}]
```

The values of a label are a fixed set of words of the protocol: no label contains a request's
number, a name or an address. Counters start at 0 with the process.

{table}

The `process_` metrics are the library's, on Linux only. An acknowledgement is timed from the
arrival of a frame's last byte to the write of its answer, including commit and sync. A connection
counts as resumed if its `hello` (a customer) or its `join` (an agent) said which messages it has
already.

## What to monitor

- `helpdesk_store_problem == 1`: nothing is stored; the log and `/readyz` have the reason.
- `histogram_quantile(0.99, rate(helpdesk_acknowledgement_seconds_bucket[5m]))`: if it grows
  together with `helpdesk_commit_seconds`, the disk is slow; if not, the process is busy.
- `helpdesk_wal_bytes`: checkpoints shrink it; if it only grows, a reader keeps a snapshot open.
- `rate(helpdesk_slow_clients_total[5m])` and `helpdesk_outgoing_bytes`: clients that do not read.
- `helpdesk_webhooks_lag_seconds` and `delta(helpdesk_webhooks_dead[1d])`: a receiver does not
  accept [webhooks](webhooks.md); `helpdesk webhooks list` shows which.
- `rate(helpdesk_refusals_total{{code="unavailable"}}[5m])`: frames refused because of the disk.
- `rate(helpdesk_log_lines_dropped_total[5m])`: what reads the log has stopped, or its disk is full.
"""

LOGS = """\
# The logs

<!-- Made from relay/log.py by `python -m cli.docs_pages`; do not edit. -->

`helpdesk serve` writes its log to stderr, one line per event: as JSON, or in a readable form if
stderr is a terminal. [`log_format`](settings.md) selects the form, `log_level` the least level,
by default WARNING. Each line has `time` (UTC), `level`, `event` and those of the fields below
that are known.

```json
{{"time": "2026-11-22T10:35:00.123Z", "level": "info", "event": "activity_stored", "request": 42,
 "seq": 3, "kind": "claimed", "role": "agent", "author": 3}}
```

No line contains a message's text, a name, an email, a token, a page's address or a browser's name:
fields are numbers and fixed words of the program, and the `origin` of a refused page, which is
scheme, host and port in ASCII, or `unreadable`. `connection` is a number that starts at 1 with
the process, `request` is the request's number, and `customer`, `agent`, `author` and `by` are ids
(`by` and `author` are 0 for the desk itself). A `ref` is chosen by a client, so it is not logged.
An error is logged by its class and its location in the code, never with its message.

{table}

Events that clients can cause are limited to {most} lines a second each. The number of omitted lines
is logged as `lines_left_out` at the end of that second.

## A log that nobody reads

The relay never waits for its log. Lines go through a queue of {queued:,} to a thread that writes
them, so a pipe without a reader, a terminal stopped by Ctrl+S, a full disk or a closed stderr do
not hold up the desk, neither at its start nor at its end, when it waits a second for the last
lines. Lines that do not fit into the queue are dropped. The others keep their order, and as soon as
there is room, `log_lines_dropped` stands in the place of those that are missing, with their number.
[`helpdesk_log_lines_dropped_total`](metrics.md) counts them. A write that failed, as on a full
disk, is tried again until it succeeds.
"""


def logs() -> str:
    """Return docs/logs.md."""
    import logging

    from cli.log_writer import MAX_LINES as QUEUED
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
    table = _table(("event", "level", "fields", "meaning"), rows)
    return LOGS.format(table=table, most=MAX_LINES, queued=QUEUED)


def metrics() -> str:
    """Return docs/metrics.md."""
    from relay.server.metrics_page import families, labels

    rows = [
        (
            f"`{family.name}_total`" if family.type == "counter" else f"`{family.name}`",
            family.type,
            ", ".join(f"`{label}`" for label in labels(family)),
            family.documentation,
        )
        for family in families()
    ]
    return METRICS.format(table=_table(("metric", "type", "labels", "meaning"), rows))


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (heading, ["---"] * len(heading), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


INTRODUCTION = """\
# The command

<!-- Made from the program by `python -m cli.docs_pages`; do not edit. -->

Data goes to stdout, messages to stderr. `--json` writes data for programs, `--quiet` suppresses
messages except errors. Bars and colours appear only on terminals, and no colours with `NO_COLOR`.
The exit code is 0 for success, 1 for a failure, 2 for wrong usage, and 130 after Ctrl+C, except
`serve`, which Ctrl+C stops in an orderly way, with 0. Every setting can be a flag, a variable or a
line in a file: see [settings](settings.md).

`helpdesk agent`, `canned`, `requests`, `stats`, `webhooks`, `hold`, `unhold` and `purge` work
whether the relay runs or not: they connect to the relay that has the database, and if there is
none, open the database themselves. From another machine, use `--url` and an admin's `--token`.
Where there is no desk, `requests`, `stats` and `canned` work on the one that `helpdesk login` has
signed in to, with the agent's own rights: only admins change canned responses.

Times for people have their offset to UTC and are in your time zone, or in that of `--tz`; dates in
flags are dates there. `stats` counts by the days and hours of that zone, and where the clocks
changed has the hours before and after apart; `usage` counts by its days and months, but people by
months in UTC. JSON has times in UTC.
"""


FLAGS = "cli/setting_flags.py"


def generated() -> dict[str, str]:
    """Return the generated files by their paths in the checkout, in the order they depend on."""
    return {
        FLAGS: reference.flags(),
        "docs/cli.md": "\n".join([INTRODUCTION, *_sections()]),
        "docs/logs.md": logs(),
        "docs/metrics.md": metrics(),
        "docs/settings.md": reference.page(),
    }


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the words that name each command, the program itself and its groups too."""
    from cli.app import COMMANDS

    yield ()
    for name, command in COMMANDS.items():
        yield (name,)
        if isinstance(command, typer.Typer):
            for info in command.registered_commands:
                assert info.callback is not None  # noqa: S101 - all are functions
                yield (name, info.name or info.callback.__name__)


def _sections() -> Iterator[str]:
    from cli.app import program

    for command in commands():
        with redirect_stdout(StringIO()) as shown:
            program([*command, "--help"], prog_name=NAME, standalone_mode=False)
        yield f"## {' '.join((NAME, *command))}\n\n```text\n{shown.getvalue().strip()}\n```\n"


def write(folder: Path = Path()) -> None:
    """Write the files into the checkout in *folder*."""
    # Before the command is imported, which has its flags from there.
    (folder / FLAGS).write_text(reference.flags(), encoding="utf-8")
    for name, text in generated().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(write)
