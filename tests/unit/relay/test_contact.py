"""A customer's contact: merging, search words, what is shown of it, and what an import refuses."""

import pytest

from relay.desk.contact import (
    CONTACT_DETAILS,
    CONTACT_FIELDS,
    CONTACT_LIMITS,
    Contact,
    contact_from,
    contact_of,
    merge,
)
from relay.store.export_format import ExportedCustomer
from relay.store.sqlite.schema import customer as customer_table
from relay.wire.customer import Open
from relay.wire.objects import CustomerObject

ADA = Contact(name="Ada", email="ada@example.org")


def test_each_field_has_a_limit_and_a_column() -> None:
    assert tuple(CONTACT_LIMITS) == CONTACT_FIELDS == ("name", *CONTACT_DETAILS)
    assert set(CONTACT_FIELDS) <= set(customer_table.columns.keys())


def test_flat_objects_have_the_fields_where_the_protocol_has_them() -> None:
    assert CustomerObject.__struct_fields__ == ("id", *CONTACT_FIELDS, "verified", "online")
    assert Open.__struct_fields__ == ("ref", *CONTACT_FIELDS, "text")
    assert ExportedCustomer.__struct_fields__ == ("id", "site", "key", *CONTACT_FIELDS, "verified")


def test_the_first_value_of_a_field_is_kept() -> None:
    signed, typed = Contact(name="Ada"), Contact(name="Mallory", email="m@example.org")
    assert merge(signed, typed, ADA) == Contact(name="Ada", email="m@example.org")
    assert merge(Contact(), Contact(name=""), ADA) == ADA
    assert merge(Contact(), Contact()) == Contact()


def test_a_contact_is_read_field_by_field_and_out_of_a_frame() -> None:
    assert contact_from({"name": "Ada", "email": "ada@example.org"}.get) == ADA
    frame = Open("r", name="Ada", email="ada@example.org", text="Help")
    assert contact_of(frame) == ADA
    assert frame.values() == ADA.values() == {"name": "Ada", "email": "ada@example.org"}


@pytest.mark.parametrize(
    ("contact", "label", "details", "words"),
    [
        (ADA, "Ada", [("email", "ada@example.org")], "Ada ada@example.org"),
        (Contact(name="Ada"), "Ada", [], "Ada"),
        (Contact(email="a@b"), "a@b", [("email", "a@b")], "a@b"),
        (Contact(name="", email="a@b"), "a@b", [("email", "a@b")], "a@b"),
        (Contact(), None, [], ""),
    ],
)
def test_it_is_shown_and_found_by_what_is_known(
    contact: Contact, label: str | None, details: list[tuple[str, str]], words: str
) -> None:
    assert (contact.label, contact.details, contact.search_words) == (label, details, words)


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        (Contact(name="n" * 101), "a customer's name is longer"),
        (Contact(email="e" * 255), "a customer's email is longer"),
        (Contact(email="a\nb"), "a customer's email has characters"),
    ],
)
def test_an_import_refuses_what_the_relay_would_never_have_stored(
    contact: Contact, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        contact.check()
    ADA.check()
