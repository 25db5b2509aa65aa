"""The actions of the console: what each key and command does."""
