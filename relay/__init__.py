"""The relay: connects a customer's browser with an agent's terminal and keeps what it acknowledged.

The way of a message: bytes in ``server``, text in ``session``, decided in ``desk``, committed in
``store``, told by ``hub``; ``service`` carries it from one to the next. A layer knows only the
layers below it; ``desk``, ``wire``, ``session`` and ``hub`` do no I/O, and time, ids and randomness
come to them as arguments. ``docs/architecture.md`` lists every file.
"""
