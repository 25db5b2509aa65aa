"""Columns of a list are aligned by the cells that a terminal uses, not by code points."""

import pytest
from rich.cells import cell_len

from cli import output
from cli.text_lines import WIDTHS, _columns, heading

NAMES = [
    "Ada",
    "世界の問い合わせ窓口担当者",
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL} family \N{THUMBS UP SIGN}",
    "Zoe\N{COMBINING DIAERESIS} e\N{COMBINING ACUTE ACCENT}",
]


@pytest.mark.parametrize("name", NAMES)
def test_each_column_begins_where_the_heading_says(name: str) -> None:
    line = _columns(("#1", "waiting", "2026-11-22 10:35", name, name, "last"))
    start = sum(WIDTHS[:5]) + 5
    assert heading()[start:] == "LAST"
    before, last = line[: -len("last")], line[-len("last") :]
    assert (cell_len(before), last) == (start, "last")


def test_a_table_is_as_wide_as_its_widest_cells(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("NAME", "ROLE"), [(name, "agent") for name in NAMES])
    lines = capsys.readouterr().out.splitlines()
    places = {cell_len(line[: -len("agent")]) for line in lines[1:]}
    assert places == {max(map(cell_len, NAMES)) + 2}
