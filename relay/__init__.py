"""The relay: between a customer's browser and an agent's terminal; what it says it has, it keeps.

The way of a message, one module a step:

``server``    bytes in and out: sockets, HTTP, keepalive, and nothing else
``session``   one connection without a socket: text in, effects out
``helpdesk``  decide, append, publish, in that order
``desk``      the rules: what may happen to a help request, and what it then is
``store``     one writer, one transaction for all that waits, synced before anybody hears of it
``hub``       who watches what

Beside the way: ``wire`` (the frames, as typed structs), ``auth`` (tokens and signed identities),
``text`` (what a string may hold), ``errors`` (codes), ``settings`` (every default and its name),
``client`` (the other end of the wire, for the console, the commands and the tests).

A layer knows only the layers below it; ``desk``, ``wire``, ``session`` and ``hub`` do no I/O, and
time, ids and randomness come to them as arguments.
"""
