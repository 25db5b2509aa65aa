"""Which files belong to a desk, so that nothing else is ever written in their place.

Looks at names alone, and opens nothing.
"""

from pathlib import Path

from relay.errors import StartError

BESIDE = ("-wal", "-shm", "-journal")
"""How SQLite calls what belongs to a database."""
OF_THE_RELAY = (".lock", ".sock")
"""How the relay calls what it has beside its database."""


def must_be_nobodys(target: Path) -> None:
    """Raise :exc:`StartError` if *target* is a desk's database or belongs to one.

    A lock stays beside a database for good, so one that has none is no desk that ever ran.
    """
    place = target.resolve()
    for end in (*BESIDE, *OF_THE_RELAY):
        whole = place.with_name(place.name.removesuffix(end))
        if Path(f"{place}{end}").exists() or (whole != place and whole.exists()):
            raise StartError(f"{target} belongs to a database in use; give another file.")
