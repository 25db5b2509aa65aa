"""Widgets of the console: they draw the model, never change it, and never parse markup."""
