"""One step a file, in order; a step that was released never changes."""
