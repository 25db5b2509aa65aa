"""The pages that are made from the program say what it does."""

import re
from functools import cache
from pathlib import Path

from cli import docs_pages
from cli.app import GROUPS
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


def sections() -> dict[str, str]:
    """Return the help of each command and group by its words, without `helpdesk`."""
    parts = generated()["docs/cli.md"].split("\n## helpdesk")[1:]
    return {part.splitlines()[0].strip(): part.split("```")[1] for part in parts}


def listed(text: str) -> list[str]:
    """Return the names that a group's help lists, below the options."""
    below = text.partition("--help")[2].partition("\n\n")[2]
    return [line.split()[0] for line in below.splitlines() if line[:2] == "  " and line[2:3] != " "]


def test_the_page_has_every_command() -> None:
    top = sections()[""]
    below = {
        f"{group} {name}"
        for group in {words[0] for words in commands() if len(words) == 2}
        for name in listed(sections()[group])
    }
    assert {*listed(top), *below} == {" ".join(command) for command in commands() if command}
    assert len(listed(top)) == len({*listed(top)})


def test_the_commands_are_listed_under_headings() -> None:
    headings = [line for line in sections()[""].splitlines() if re.fullmatch(r"[A-Z].*:", line)]
    assert headings[0] == "Options:"
    assert [heading[:-1] for heading in headings[1:]] == [*GROUPS]
    for group in GROUPS.values():
        assert len(group) < 10


def test_no_help_is_cut_or_wider_than_a_terminal() -> None:
    for words, text in sections().items():
        for line in text.splitlines():
            assert len(line) <= 80, words
            assert not re.search(r"\.\.\.$", line) or line.startswith("Usage:"), (words, line)


def test_help_is_the_same_on_any_terminal(machine: Machine) -> None:
    machine.variables = {"COLUMNS": "200", "FORCE_COLOR": "1", "GITHUB_ACTIONS": "true"}
    assert machine.run("serve", "--help").stdout.strip() in generated()["docs/cli.md"]
