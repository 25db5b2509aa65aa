"""Timeout for all waits of the tests.

It costs nothing while the awaited event happens. Limits that the program promises are not this one.
"""

PATIENCE = 30.0
"""Seconds after which an awaited event counts as missing, even on a busy machine."""
