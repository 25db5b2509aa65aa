"""The `helpdesk` command: a module for each command, none of which loads anything heavy early.

It knows the relay by its settings, its wire and its start, and no rules.
"""
