"""Names are equal without regard to case and to how Unicode spells them."""

import pytest

from relay.desk.names import agents_named, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim", "KIM"),
        ("Zoë", "Zoe\N{COMBINING DIAERESIS}"),
        ("straße", "STRASSE"),
        ("Ｋｉｍ", "Kim"),  # noqa: RUF001 - full-width
        ("ﬁona", "Fiona"),
        ("Kim", "K\N{ZERO WIDTH SPACE}im\N{SOFT HYPHEN}"),
        ("Kim Lee", "kim\N{NO-BREAK SPACE} lee"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_equal_names_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kim", "K\N{LATIN SMALL LETTER DOTLESS I}m"), ("Zoe", "Zoë"), ("Sam", "Sam 2")],
)
def test_other_names_have_another(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_who_is_called_exactly_so_is_meant_alone() -> None:
    known = [(1, "kim"), (2, "Kim"), (3, "Sam")]
    assert agents_named("Kim", known) == (2,)
    assert agents_named("KIM", known) == (1, 2)
    assert agents_named("sam", known) == (3,)
    assert agents_named("3", known) == ()
