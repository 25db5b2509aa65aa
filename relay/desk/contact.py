"""Contact of a customer: name, email and what comes. Rows, frames, lines and panes derive from it.

A new field is added to :class:`Contact` and :data:`CONTACT_LIMITS`, to the table ``customer`` and
to the widget's form; everything else reads the fields from here. Pure.
"""

from collections.abc import Callable

from relay.desk.checks import check_line
from relay.value import Value


class Contact(Value, frozen=True, kw_only=True):
    """Name and addresses of a customer; each is one clean line, None if it is not known.

    The flat objects of the wire and of an export inherit these fields. Fields that are
    ``kw_only`` come after all others, so that a subclass of a subclass sets their place.
    """

    name: str | None = None
    email: str | None = None

    @property
    def label(self) -> str | None:
        """The name, or else the first other field that is known."""
        return next(filter(None, self.values().values()), None)

    @property
    def details(self) -> list[tuple[str, str]]:
        """The known fields besides the name, each with its value."""
        return [(field, value) for field in CONTACT_DETAILS if (value := getattr(self, field))]

    @property
    def search_words(self) -> str:
        """The text by which the full-text search finds the customer; empty if nothing is known."""
        return " ".join(filter(None, self.values().values()))

    def values(self) -> dict[str, str | None]:
        """Return the fields of the contact by name, without those that a subclass adds."""
        return {field: getattr(self, field) for field in CONTACT_FIELDS}

    def check(self) -> None:
        """Raise ValueError if a field holds what the relay would never have stored."""
        for field, value in self.values().items():
            check_line(f"a customer's {field}", value, CONTACT_LIMITS[field])


CONTACT_LIMITS = {"name": 100, "email": 254}
"""The longest value of each field, in code points, in the order of the fields."""
CONTACT_FIELDS = Contact.__struct_fields__
CONTACT_DETAILS = CONTACT_FIELDS[1:]
"""The fields besides the name."""


def contact_from(read: Callable[[str], str | None]) -> Contact:
    """Return the contact with the value that *read* returns for each field."""
    return Contact(**{field: read(field) for field in CONTACT_FIELDS})


def contact_of(source: Contact) -> Contact:
    """Return the contact within *source*, a frame or an object that has more fields."""
    return Contact(**source.values())


def merge(*contacts: Contact) -> Contact:
    """Return for each field the value of the first of *contacts* that has one.

    In the relay's order: what the site signed, what the customer typed, what was known before.
    """
    return contact_from(
        lambda field: next(filter(None, (getattr(contact, field) for contact in contacts)), None)
    )
