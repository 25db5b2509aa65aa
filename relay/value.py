"""Base class of the relay's immutable values.

A field must not lead back to its owner: the garbage collector would never find the cycle.
"""

from msgspec import Struct


class Value(Struct, frozen=True, gc=False):
    """Immutable record, untracked by the garbage collector since no cycle can go through it.

    A subclass says ``frozen`` again, for the type checker.
    """
