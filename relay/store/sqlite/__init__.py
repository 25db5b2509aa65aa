"""The store in one SQLite file, on SQLAlchemy Core: one writer thread, each commit synced.

Decides nothing: ``relay.desk`` decides what is stored.
"""
