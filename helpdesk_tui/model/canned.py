"""Canned responses with the names filled in. Pure.

Only the two names that an agent may mean are filled in; any other brace stays as it is, for a
customer's name is no template.
"""

import re

_NAMES = re.compile(r"\{(customer|agent)\}")


def filled(text: str, *, customer: str, agent: str) -> str:
    """Return *text* with the first name of *customer* and the name of *agent*."""
    names = {"customer": customer.split(maxsplit=1)[0] if customer.split() else "", "agent": agent}
    return _NAMES.sub(lambda found: names[found[1]], text)
