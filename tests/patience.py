"""How long a test waits for what has to happen: one time for all of them.

It costs nothing while things happen. A bound that the program promises is never this one.
"""

PATIENCE = 30.0
"""Seconds after which what is waited for is taken not to come, on however busy a machine."""
