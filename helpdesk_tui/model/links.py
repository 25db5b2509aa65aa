"""The links in a conversation: addresses that may be given to a terminal or a browser. Pure.

Only http and https, only printable ASCII, and no longer than a person can check.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LONGEST = 2048
LINK = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a line, and the whole address that it is or is cut from; empty where it is none."""

    words: str
    address: str = ""


def links(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses in *texts*, each once, in their order."""
    return tuple(dict.fromkeys(link for text in texts for _, link in _links_in(text)))


def linked(text: str, lines: Sequence[str]) -> Iterator[tuple[Part, ...]]:
    """Yield the parts of each of the *lines* that *text* was broken into, less white space.

    What leads somewhere is found by its place in *text*: two addresses may begin alike.
    """
    found, line_end = list(_links_in(text)), 0
    for line in lines:
        begin = text.find(line, line_end)
        line_end = begin + len(line)
        parts, done = [], begin
        for start, link in found:
            first, last = max(start, begin), min(start + len(link), line_end)
            if first < last:
                parts += [Part(text[done:first]), Part(text[first:last], link)]
                done = last
        yield (*parts, Part(text[done:line_end]))


def _links_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield the addresses in *text* and where, without what only ends the sentence around them."""
    for found in LINK.finditer(text):
        if len(link := _bare(found[0])) <= LONGEST and len(link) > len("https://"):
            yield found.start(), link


def _bare(link: str) -> str:
    while link and (link[-1] in "\"'.,;:!?*_`" or _closes_nothing(link)):
        link = link[:-1]
    return link


def _closes_nothing(link: str) -> bool:
    opening = _CLOSING.get(link[-1])
    return opening is not None and link.count(link[-1]) > link.count(opening)
