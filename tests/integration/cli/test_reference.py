"""The pages that are made from the program say what it does."""

from functools import cache
from pathlib import Path

from cli import docs_pages
from cli.docs_pages import commands, write
from tests.integration.cli.machine import Machine

ROOT = Path(__file__).parents[3]
generated = cache(docs_pages.generated)


def test_generated_files_are_what_the_program_makes() -> None:
    """If not: `python -m cli.docs_pages`."""
    assert {name: (ROOT / name).read_text() for name in generated()} == generated()


def test_the_files_are_written_as_they_are_compared(tmp_path: Path) -> None:
    for name in generated():
        (tmp_path / name).parent.mkdir(exist_ok=True)
    write(tmp_path)
    assert {name: (tmp_path / name).read_text() for name in generated()} == generated()


def test_the_page_has_every_command() -> None:
    page = generated()["docs/cli.md"]
    listed = page.split("Commands:")
    groups = [
        [line.split()[0] for line in part.split("```")[0].splitlines() if line]
        for part in listed[1:]
    ]
    top, *nested = groups
    parents = [command[0] for command in commands() if len(command) == 2]
    named = zip(dict.fromkeys(parents), nested, strict=True)
    below = {f"{parent} {name}" for parent, group in named for name in group}
    assert {*top, *below} == {" ".join(command) for command in commands() if command}


def test_help_is_the_same_on_any_terminal(machine: Machine) -> None:
    machine.variables = {"COLUMNS": "200", "FORCE_COLOR": "1", "GITHUB_ACTIONS": "true"}
    assert machine.run("serve", "--help").stdout.strip() in generated()["docs/cli.md"]
