"""What the relay's frozen records are made of. Data alone, no behaviour.

Nothing that could lead back to its owner may be a field: no cycle through these would be found.
"""

from msgspec import Struct


class Value(Struct, frozen=True, gc=False):
    """A record that is made whole and never changes: no cycle can go through it, so the search for
    cycles passes it over. A subclass says ``frozen`` again, for those who check types."""
