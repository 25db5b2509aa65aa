"""The `helpdesk` command. It knows the relay by its settings, its wire and its start, and no rules.

``main``       where the program starts: Ctrl+C while it is not loaded yet
``program``    the commands by name; an error becomes a sentence and an exit code
``habits``     what all commands have in common
``output``     all that is written to stdout and stderr, and all that is asked
``flags``      settings as flags
``desk``       a connection to the desk, past its ``hello``
``profile``    what `helpdesk login` keeps
``reference``  the pages of the documents that are made from the program

The others are a command each. None imports anything heavy before it runs.
"""
