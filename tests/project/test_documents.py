"""Documents: links resolve, commands exist, and no path of a machine is named."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.project.tree import ROOT, files, name_of, top_files

DOCUMENTS = [
    *(path for path in top_files() if path.suffix == ".md"),
    *files(".md", under=("docs",)),
]
BINARY = {".png", ".gif", ".webp", ".pyc"}
TEXTS = [path for path in (*top_files(), *files()) if path.suffix not in BINARY]

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]+src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
RUN = re.compile(r"\./run ([a-z]+)")
# Pieced together, so that this file does not name one.
MACHINE = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "root", "home/[a-z]+", "Users"]) + r")/")


def anchors(document: Path) -> set[str]:
    """Return the anchors that a forge makes from the headings of *document*."""
    headings = HEADING.findall(CODE.sub("", document.read_text()))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


def dead_links(document: Path) -> Iterator[str]:
    for groups in LINK.findall(CODE.sub("", document.read_text())):
        link = "".join(groups)
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (document.parent / place).resolve() if place else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def test_links_lead_somewhere() -> None:
    dead = {name_of(document): list(dead_links(document)) for document in DOCUMENTS}
    assert {name: links for name, links in dead.items() if links} == {}


def test_the_run_commands_in_the_documents_exist() -> None:
    usage = subprocess.run(["./run", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    known = re.findall(r"^  ([a-z]+)", usage.stdout, re.MULTILINE)
    named = {name_of(path): set(RUN.findall(path.read_text())) - set(known) for path in DOCUMENTS}
    assert {name: unknown for name, unknown in named.items() if unknown} == {}


def test_the_readme_has_the_two_commands() -> None:
    assert {"demo", "test"} <= set(RUN.findall((ROOT / "README.md").read_text()))


def test_the_changelog_tells_of_this_version() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    version = re.search(r'^version = "(.+)"', project, re.MULTILINE)
    assert version
    assert re.search(rf"^## {re.escape(version[1])}\b", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_each_decision_has_a_number_of_its_own_and_says_its_price() -> None:
    decisions = files(".md", under=("docs/decisions",))
    numbers = [path.name[:4] for path in decisions]
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    for part in ("Context", "Decision", "Price"):
        assert [name_of(path) for path in decisions if f"## {part}" not in path.read_text()] == []


def test_nothing_names_a_folder_of_one_machine() -> None:
    named = {name_of(path): MACHINE.findall(path.read_text()) for path in TEXTS}
    assert {name: folders for name, folders in named.items() if folders} == {}
