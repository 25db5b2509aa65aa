"""No cell begins a formula, whatever was written; and every cell still says what was written."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.sanitize import FORMULA_STARTS, INVISIBLE_SPACES, csv_cell

MEANT = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A1"]  # noqa: RUF001
BLANK = [" ", "\n", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\u200b", "\ufeff", " \u200b "]


@pytest.mark.parametrize("cell", [*MEANT, *(blank + "=1+1" for blank in BLANK), "\tplain"])
def test_what_could_begin_a_formula_is_preceded_by_an_apostrophe(cell: str) -> None:
    assert csv_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", " ", "1+1", "ada@example.org", "a =b", "'=1", "Grüße", "→"])
def test_what_could_not_stays_as_it_was(cell: str) -> None:
    assert csv_cell(cell) == cell


blank_or_sign = st.sampled_from(
    [*FORMULA_STARTS, *INVISIBLE_SPACES, " ", "\n", "a", "\u2060", ",", ";", '"']
)


@given(st.lists(blank_or_sign, max_size=8).map("".join))
def test_behind_any_mixture_of_blanks_nothing_begins_a_formula(cell: str) -> None:
    shown = csv_cell(cell).lstrip("".join(INVISIBLE_SPACES) + " \n\xa0")
    assert shown[:1] not in tuple(FORMULA_STARTS)
    written = io.StringIO()
    csv.writer(written).writerow([csv_cell(cell), "end"])
    ((read, _),) = csv.reader(io.StringIO(written.getvalue(), newline=""))
    assert read.removeprefix("'") == cell
