"""Handlers: what each frame of a connection does, a module for each subject."""
