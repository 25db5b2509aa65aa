"""What the widget costs a page: gzipped, as shipped, file by file."""

import gzip
import sys
from pathlib import Path

from tests.project.tree import ROOT

WIDGET = ROOT / "web_widget"
FIRST_VIEW = 5_000
EVERYTHING = 20_200
OTHER_ENTRY = "module.js"
"""For a page that imports the script instead of embedding it."""


def size(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


def test_a_page_view_and_all_of_it_with_its_largest_language_stay_small() -> None:
    sizes = {file.name: size(file) for file in WIDGET.glob("*.js") if file.name != OTHER_ENTRY}
    language = max((WIDGET / "texts").glob("*.js"), key=size)
    sizes[f"texts/{language.name}"] = size(language)
    table = [*sorted(sizes.items()), ("all", sum(sizes.values()))]
    sys.stdout.writelines(f"{name:16}{length:7,} bytes\n" for name, length in table)
    assert sizes["widget.js"] <= FIRST_VIEW
    assert sum(sizes.values()) <= EVERYTHING
