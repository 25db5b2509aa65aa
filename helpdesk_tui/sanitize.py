"""What a string from outside may hold before it is shown. Pure; knows neither Textual nor frames.

A terminal obeys what it is sent: escapes move the cursor or set the clipboard, bidirectional
controls reverse a line. So every string is cleaned here, whatever the relay has done already.
A harmful character is replaced visibly, so that nobody wonders what an answer refers to; one
that is only invisible is dropped.
"""

import re
from unicodedata import category

MARK = "\N{REPLACEMENT CHARACTER}"
TEXT_LIMIT = 20_000
"""Characters; more than any relay takes by default."""
NAME_LIMIT = 100

_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_BREAKS = re.compile("[\t\n\u2028\u2029]")
# Cc but newline and tab, lone surrogates, and of Cf what changes how its neighbours are shown.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]+"
)
# Invisible, and legitimate in some script; U+200C and U+200D stay, for Persian, Indic and emoji.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2060-\u2065\ufeff]")
_JOINERS = "\u200c\u200d"
_MARKS = {"Mn", "Me"}
_MOST_MARKS = 4
"""In a row: what any script needs, and no pile that covers other lines."""


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return *text* with nothing a terminal obeys: printable characters, spaces and ``\\n``."""
    cut = len(text) > limit
    text = _LINE_ENDS.sub("\n", text[:limit])
    if not text.isascii():
        text = _thinned(_INVISIBLE.sub("", text))
    text = _HARMFUL.sub(MARK, text).expandtabs(4)
    return text + "…" if cut else text


def _thinned(text: str) -> str:
    """Return *text* without what is piled up on one character; joiners between count as nothing."""
    kept, marks = [], 0
    for character in text:
        if character not in _JOINERS:
            marks = marks + 1 if category(character) in _MARKS else 0
        if marks <= _MOST_MARKS or character in _JOINERS:
            kept.append(character)
    return "".join(kept)


def clean_line(text: str, limit: int = NAME_LIMIT) -> str:
    """Return *text* cleaned and on one line, of at most *limit* characters and an ellipsis."""
    line = " ".join(clean(text, 4 * limit).split())
    return line if len(line) <= limit else line[:limit].rstrip() + "…"


def guarded(text: str) -> str:
    """Return *text* as one line without what :func:`clean` replaces, for the renderer."""
    if text.isprintable():
        return text
    return _HARMFUL.sub("", _INVISIBLE.sub("", _BREAKS.sub(" ", text)))
