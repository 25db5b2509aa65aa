"""The frames of the protocol ``helpdesk.v1`` as typed structs. Decides nothing and does no I/O.

Nothing else in the relay knows JSON.
"""
