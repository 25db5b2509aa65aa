"""The store: what is kept of a desk, and the one way to it."""
