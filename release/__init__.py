"""Builds the files of a release: `python -m release FOLDER`, which `./run build` sets up."""
