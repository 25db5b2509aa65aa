"""What a tag may be, as an agent types it; the relay never has to refuse one. Pure."""

import re

from relay.text import TAG

NO_TAG = "A tag has only letters a to z, digits and hyphens, at most 32."
_TAG = re.compile(TAG)


def tag_from(typed: str) -> str:
    """Return the tag that is meant by *typed*: in small letters, with hyphens for spaces."""
    return "-".join(typed.casefold().split())


def no_tag(typed: str) -> str:
    """Return why no tag can be meant by *typed*, as a sentence; or nothing."""
    return "" if _TAG.match(tag_from(typed)) else NO_TAG
