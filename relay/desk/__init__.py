"""Domain of the desk: commands, rules, events and the state of a help request. Pure.

Sockets, frames, tables and the time of day are not known here: ids, times and names are arguments.
"""
