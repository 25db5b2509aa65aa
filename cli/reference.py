"""The pages of the documents that are made from the program: `python -m cli.reference`.

Writes pages under docs/, and nothing else; a test compares them with what it makes.
"""

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.testing import CliRunner

from cli import operators_pages, output
from cli.program import app
from relay.settings import table

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

<!-- Made from the program by `python -m cli.reference`; do not edit. -->

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
        "logs.md": operators_pages.logs(),
        "metrics.md": operators_pages.metrics(),
        "settings.md": table.page(),
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
