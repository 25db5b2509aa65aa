"""The rules of the desk: what may happen to a help request, and what it is afterwards. Pure.

Knows nothing of sockets, frames, tables or the time of day: numbers, times and names come in as
arguments.
"""
