"""The table of the long runs: readable, written into a page, with all errors."""

from pathlib import Path

import pytest

from tests.reliability.report import BEGIN, END, MOST_GROWN, Result, table, write

GOOD = Result("kills", "5 rounds", 1234, 0, 0, 0)


def test_a_line_has_each_count_under_its_heading() -> None:
    heading, _, line = table([GOOD]).splitlines()
    shown = dict(zip(heading.split("|"), line.split("|"), strict=True))
    found = {name.strip(): cell.strip() for name, cell in shown.items()}
    assert (found["messages acknowledged"], found["lost"], found["broken claims"]) == (
        "1,234",
        "0",
        "",
    )


@pytest.mark.parametrize("wrong", ["lost", "doubled", "disordered", "broken"])
def test_a_run_in_which_anything_went_wrong_is_not_good(wrong: str) -> None:
    assert GOOD.good
    assert not Result("kills", "5 rounds", **{wrong: 1}).good


def test_a_run_in_which_memory_grew_over_its_bound_is_not_good() -> None:
    assert Result("soak", "600 s", grown=MOST_GROWN).good
    assert not Result("soak", "600 s", grown=MOST_GROWN + 1).good


def test_writing_a_table_replaces_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\n\n{END}\nbelow\n")
    for number in (1, 2):
        write(page, f"run {number}", "2026-11-22", f"| table {number} |")
    text = page.read_text()
    assert text.startswith(f"above\n{BEGIN}\n")
    assert text.endswith(f"{END}\nbelow\n")
    assert "`run 2`" in text
    assert "| table 2 |" in text
    assert "table 1" not in text
