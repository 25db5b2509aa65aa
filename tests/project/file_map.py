"""The map of the product's files in docs/architecture.md, made from the files' first lines.

`python -m tests.project.file_map --write` writes it anew.
"""

import ast
import re
import sys
from itertools import groupby
from pathlib import Path

from tests.project.tree import PACKAGES, ROOT, files, name_of, parsed, widget_files

PAGE = ROOT / "docs" / "architecture.md"
COMMAND = "python -m tests.project.file_map --write"
BEGIN = f"<!-- Made from the files' first lines by `{COMMAND}`; do not edit. -->"
END = "<!-- The end of what is made. -->"

SECTION = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
COMMENT = re.compile(r"(?:#!.*\n)?\s*(?:/\*\*?|//)([^\n]*(?:\n \*(?!/)[^\n]*|\n//[^\n]*)*)")


def first_line(path: Path) -> str:
    """Return what *path* says of itself: a module's first line, or a script's first sentence."""
    if path.suffix == ".py":
        return (ast.get_docstring(parsed(path)) or "").partition("\n")[0]
    comment = COMMENT.match(path.read_text())
    text = re.sub(r"\s*\n\s*(?:\*|//)\s*", " ", comment[1]) if comment else ""
    return text.strip(" */").partition(". ")[0].rstrip(".") + "."


def file_map() -> str:
    """Return the map: a heading for each folder, and a line for each file with something in it."""
    modules = [path for path in files(".py", under=PACKAGES) if "versions" not in path.parts]
    mapped = sorted([*modules, *widget_files(".js")], key=lambda path: (path.parent, path.name))
    lines = [BEGIN]
    for folder, members in groupby(mapped, key=lambda path: path.parent):
        lines += ["", f"### `{name_of(folder)}/`", ""]
        package = folder / "__init__.py"
        lines += [first_line(package), ""] if package.exists() else []
        lines += [f"- `{path.name}`: {first_line(path)}" for path in members if path != package]
    return "\n".join([*lines, "", END])


def main() -> None:
    """Print the map, or write it into the page with ``--write``."""
    if "--write" in sys.argv[1:]:
        PAGE.write_text(SECTION.sub(lambda _: file_map(), PAGE.read_text()))
    else:
        sys.stdout.write(f"{file_map()}\n")


if __name__ == "__main__":
    main()
