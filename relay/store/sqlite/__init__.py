"""The store in one SQLite file, behind SQLAlchemy Core: one writer, synced before anybody is told.

It decides nothing: what is stored was decided by ``relay.desk``."""
