"""Number of examples for a property. The ordinary run uses the same ones every time."""

from hypothesis import settings

_LONG = settings.get_current_profile_name() == "long"

few = settings() if _LONG else settings(max_examples=20, derandomize=True, database=None)
"""The settings of a property; `--hypothesis-profile=long` makes a search of it."""
