"""The frames of the protocol ``helpdesk.v1`` as typed structs; nothing else knows JSON.

``objects``        Request, Message and what they are made of, as each side sees them
``customer``       what a customer's connection sends and hears
``agent``          what an agent's connection sends and hears
``codec``          bytes to frames and back, and what is wrong with bytes that are none
``view``           the desk's records as objects, for one side

Decides nothing, and never does I/O.
"""
