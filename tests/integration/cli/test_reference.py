"""The pages that are made from the program say what it does."""

from pathlib import Path

import pytest

from cli.docs_pages import commands, pages, write
from tests.integration.cli.machine import Machine

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_is_what_the_program_makes(name: str) -> None:
    """If not: `python -m cli.docs_pages`."""
    assert (DOCS / name).read_text() == pages()[name]


def test_the_pages_are_written_as_they_are_compared(tmp_path: Path) -> None:
    write(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == pages()


def test_the_page_has_every_command() -> None:
    page = pages()["cli.md"]
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
    assert machine.call("serve", "--help").stdout.strip() in pages()["cli.md"]
