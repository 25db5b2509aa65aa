"""Migrations of a file of an older schema to this program's. Run by ``database`` alone."""
