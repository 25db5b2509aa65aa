"""The links in a conversation: addresses that may be given to a terminal or a browser. Pure.

Only http and https, only printable ASCII, and no longer than a person can check.
"""

import re
from collections.abc import Iterable, Iterator

LONGEST = 2048
LINK = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}


def links_in(text: str) -> Iterator[str]:
    """Yield the addresses in *text*, without what only ends the sentence around them."""
    for found in LINK.findall(text):
        if len(link := _bare(found)) <= LONGEST and len(link) > len("https://"):
            yield link


def links(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses in *texts*, each once, in their order."""
    return tuple(dict.fromkeys(link for text in texts for link in links_in(text)))


def _bare(link: str) -> str:
    while link and (link[-1] in "\"'.,;:!?*_`" or _closes_nothing(link)):
        link = link[:-1]
    return link


def _closes_nothing(link: str) -> bool:
    opening = _CLOSING.get(link[-1])
    return opening is not None and link.count(link[-1]) > link.count(opening)
