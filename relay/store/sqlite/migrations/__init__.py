"""How a file of an older schema becomes one of this program's. Run by ``opening`` alone."""
