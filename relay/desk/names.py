"""Comparison of names and emails without regard to case and Unicode's spelling. Pure."""

from collections.abc import Iterable
from unicodedata import normalize

from relay.sanitize import printable_line


def name_key(name: str) -> str:
    """Return what equal names have in common: NFKC, case folded, without what nobody sees."""
    return normalize("NFKC", normalize("NFKC", printable_line(name)).casefold())


def agents_named(wanted: str, known: Iterable[tuple[int, str]]) -> tuple[int, ...]:
    """Return the ids of the agents called *wanted* among the ids and names *known*.

    Who is called exactly so is meant alone; else, in desks of older releases, several may be.
    """
    agents = tuple(known)
    key = name_key(wanted)
    return tuple(number for number, name in agents if name == wanted) or tuple(
        number for number, name in agents if name_key(name) == key
    )
