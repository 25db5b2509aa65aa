"""The store of a desk: its interface, and its implementations in folders of their own."""
