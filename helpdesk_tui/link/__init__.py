"""The network, in a thread of its own, so that a terminal that is not read never stops it.

``courier``   which texts go out next
``visit``     one connection, from ``hello`` to its end
``link``      calls again and again, and the way in and out of the thread

Knows no widget and keeps no message; what it hears, it hands over.
"""
