"""No cell begins a formula, whatever was written; and every cell still says what was written."""

import csv
import io
from collections.abc import Iterable
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.spreadsheet import CELL_LIMIT, csv_rows, excel_cell, excel_rows, separator
from relay.desk.events import Author, Millis, Role
from relay.desk.request import HelpRequest, ReadMark, Status, Visit
from relay.sanitize import FORMULA_STARTS, INVISIBLE_SPACES, csv_cell
from relay.store.export_format import ExportedCustomer, MessageLine, RequestLine

BERLIN = ZoneInfo("Europe/Berlin")
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


@pytest.mark.parametrize(
    "cell",
    [
        "007",
        "0171 2345678",
        "1234567890123456",
        "1E5",
        "1-2",
        "3/4",
        "12:30",
        "MARCH1",
        "5 pm",
        "1,5",
        "(030)",
        "(1)",
        "($ 5)",
        "3. Mai",
        "März 5",
        "5 août",
        "1-Dez-26",
    ],
)
def test_what_excel_would_take_for_a_number_or_a_date_keeps_its_digits(cell: str) -> None:
    assert (excel_cell(cell), csv_cell(cell)) == (f"'{cell}", cell)


@pytest.mark.parametrize("begin", [" ", "1 ", "(", "1 mar", "\n"])
def test_a_long_text_is_looked_at_in_linear_time(begin: str) -> None:
    cell = begin * (CELL_LIMIT // len(begin)) + "1x"
    started = process_time()
    assert excel_cell(cell) == csv_cell(cell)
    assert process_time() - started < 1  # backtracking would take minutes


@pytest.mark.parametrize("cell", ["", "Ada", "12 apples", "a1", "...", "-", "Straße 7b"])
def test_other_cells_are_those_of_any_spreadsheet(cell: str) -> None:
    assert excel_cell(cell) == csv_cell(cell)


@given(st.lists(blank_or_sign, max_size=8).map("".join))
def test_excel_gets_no_formula_either(cell: str) -> None:
    assert excel_cell(cell).startswith("'") or csv_cell(cell) == cell


@pytest.mark.parametrize(
    ("variables", "between"),
    [
        ({"LANG": "de_DE.UTF-8"}, ";"),
        ({"LANG": "fr_FR@euro"}, ";"),
        ({"LANG": "de_CH.UTF-8"}, ","),
        ({"LANG": "de_DE.UTF-8", "LC_NUMERIC": "en_GB.UTF-8"}, ","),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "pt_BR"}, ";"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, ","),
        ({}, ","),
    ],
)
def test_cells_are_separated_as_excel_expects_in_the_locale(
    variables: dict[str, str], between: str
) -> None:
    assert separator(variables) == between


def message(text: str, at: int = 1_795_305_607_123) -> MessageLine:
    return MessageLine(7, 1, Millis(at), Author(Role.CUSTOMER, 1, "007"), "text", 1, text)


REQUEST = RequestLine(
    HelpRequest(7, "default", 1, Status.WAITING),
    ExportedCustomer(1, "default", "key", name="=Ada", verified=False),
    Millis(0),
    Visit(),
    ReadMark(),
    ReadMark(),
)


def rows(written: Iterable[str], delimiter: str = ",") -> list[dict[str, str]]:
    data = "".join(written).encode()
    assert data.startswith(b"\xef\xbb\xbf")
    file = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(file, delimiter=delimiter))


def test_each_dialect_has_local_times_with_their_offset() -> None:
    (row,) = rows(csv_rows([REQUEST, message("Hi")], BERLIN))
    assert (row["at"], row["author"], row["customer"]) == (
        "2026-11-22T01:00:07.123+01:00",
        "007",
        "'=Ada",
    )
    (row,) = rows(excel_rows([REQUEST, message("Hi")], BERLIN, ";"), ";")
    assert (row["at"], row["utc_offset"]) == ("2026-11-22 01:00:07", "UTC+01:00")
    assert (row["author"], row["customer"], row["part"]) == ("'007", "'=Ada", "1")


@pytest.mark.parametrize("sign", ["x", "😀", "=", "7"])
def test_a_text_that_is_too_long_for_a_cell_goes_on_in_the_next_row(sign: str) -> None:
    text = sign * 70_000
    parts = rows(excel_rows([REQUEST, message(text)], BERLIN, ";"), ";")
    assert [row["part"] for row in parts] == [str(number) for number in range(1, len(parts) + 1)]
    assert all(len(row["text"].encode("utf-16-le")) // 2 <= CELL_LIMIT for row in parts)
    assert "".join(row["text"].removeprefix("'") for row in parts) == text
    assert len(parts) == (5 if sign == "😀" else 3)
