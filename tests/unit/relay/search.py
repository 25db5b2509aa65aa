"""How many examples a property is tried on. In the ordinary run they are the same every time."""

from hypothesis import settings

_LONG = settings.get_current_profile_name() == "long"

few = settings() if _LONG else settings(max_examples=20, derandomize=True, database=None)
"""The settings of a property; `--hypothesis-profile=long` makes a search of it."""
