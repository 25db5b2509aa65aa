"""The agents' console in a terminal. It reaches the relay over the wire alone.

Frames come in through ``link``, ``model`` folds them into what the agent sees, ``widgets`` draw it;
keys become ``actions``, whose effects go to the link, the disk and the terminal.
"""
