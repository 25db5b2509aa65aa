"""The agents' console: what an agent sees of the desk, in a terminal.

The way round, one direction only:

``link``      the network, in a thread of its own: frames in, texts out, back-off between
``model``     what the agent sees: a fold over the relay's frames; pure
``widgets``   draw the model; they never change it
``panes``     the one screen that they make
``workplace``  what every action works with; ``acting``, ``moving``, ``reading`` and ``writing``
              are the actions
``app``       carries frames to the model, its effects to the link, and keys to both

``plain``     the same without a screen; ``spoken`` are its commands

Beside it: ``carrying`` (effects, carried out), ``safety`` (no string from outside reaches the
screen uncleaned), ``guard`` (the second wall, at the renderer), ``drafts`` (what was written and
not yet acknowledged, on disk), ``hold`` (a folder for one console alone), ``keeping`` (when it gets
there), ``remembered`` (whose it is while the relay is away), ``keys`` (every key, once),
``notices`` (bell, notification, title, clipboard), ``emoji``, ``driver`` (keys in any encoding),
``theme`` (colours), ``wrap`` (lines of a width), ``crash`` (what is said when the console itself
fails).

The console reaches the relay over the wire alone, never into its store.
"""
