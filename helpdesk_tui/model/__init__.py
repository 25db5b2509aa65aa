"""The state of the desk as one agent sees it: a fold over the relay's frames. Pure.

Knows neither Textual nor sockets, clocks or disks: time and ids come in as arguments.
"""
