"""Does what keys and commands name: one module of actions per subject."""
