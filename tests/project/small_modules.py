"""Modules that are small and used once, and stems that are used twice, each with its reason."""

SMALL_MODULES: dict[str, str] = {}

SHARED_STEMS: dict[str, str] = {}
