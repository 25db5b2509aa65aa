r"""Sanitizes strings from outside, for storing and for showing. Pure.

Removes or replaces characters, and never decides whether a string is welcome. The stored profile
(``clean_...``) is promise 5 of the protocol. The terminal profile (``printable_...``) leaves
nothing that a terminal obeys: escapes move the cursor or set the clipboard, bidirectional controls
reverse a line. It is applied to every string that is shown, whatever the relay has done already.
There, a harmful character becomes U+FFFD, visibly; one that is only invisible is removed.

====================================  ==========  ==========  ==============  ==============
characters                            clean_text  clean_line  printable_text  printable_cell
====================================  ==========  ==========  ==============  ==============
``\r\n``, ``\r``                      ``\n``      removed     ``\n``          as their parts
``\n``                                kept        removed     kept            space
tab                                   kept        removed     1 to 4 spaces   space
other controls (Cc)                   removed     removed     U+FFFD          removed
U+2028, U+2029                        kept        removed     ``\n``          space
direction marks                       kept        removed     removed         removed
embeddings, overrides, isolates       kept        removed     U+FFFD          removed
lone surrogates                       kept        removed     U+FFFD          removed
invisible (soft hyphen, zero width)   kept        kept        removed         removed
other format characters               kept        kept        U+FFFD          removed
a fifth combining mark in a row       kept        kept        removed         kept
white space at the ends               removed     removed     kept            kept
====================================  ==========  ==========  ==============  ==============

``printable_line`` is ``printable_text`` with all white space joined to single spaces. What goes
into a spreadsheet passes :func:`csv_cell`, and an error sentence :func:`mask_tokens`.
"""

import re
from unicodedata import category
from urllib.parse import urlsplit

LONGEST_TEXT = 120_000
"""Code points of a text, whatever the settings say: one message has to fit into an answer."""
NAME_LIMIT = 100
COMMENT_LIMIT = 1_000
URL_LIMIT = 2_048
TITLE_LIMIT = 200
USER_AGENT_LIMIT = 400
LOCALE_LIMIT = 35
"""Characters; the longest language tag that RFC 5646 recommends to be ready for."""
SNIPPET_LIMIT = 120
PRINTABLE_LIMIT = 20_000
"""Characters of a text on a terminal; more than a relay accepts by default."""
TAG = r"^[a-z0-9-]{1,32}\Z"

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
FORMULA_STARTS = "=+-@\t\r＝＋－＠"  # noqa: RUF001 - full-width forms, which some programs accept too
INVISIBLE_SPACES = "\u200b\u2060\ufeff"
"""Not white space to Python, but invisible all the same."""

# Cc but for newline and tab.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_SEPARATORS = "\u2028\u2029"
_DIRECTION_MARKS = "\u061c\u200e\u200f"
_EMBEDDINGS = "\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
# Legitimate in some script. U+200C and U+200D stay everywhere, for Persian, Indic and emoji.
_INVISIBLE = "\u00ad\u200b\u2060-\u2065\ufeff"
# The rest of Cf that changes how its neighbours are shown.
_OTHER_FORMATS = (
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e\u206a-\u206f\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f"
)
_JOINERS = "\u200c\u200d"
_COMBINING = {"Mn", "Me"}
_MOST_COMBINING = 4
"""In a row: what any script needs, and no pile that covers other lines."""

_NOT_IN_TEXT = re.compile(f"[{_CONTROLS}]")
_NOT_ON_A_LINE = re.compile(
    f"[{_CONTROLS}\t\n{_SEPARATORS}{_DIRECTION_MARKS}{_EMBEDDINGS}{_SURROGATES}]"
)
_HARMFUL = re.compile(f"[{_CONTROLS}{_SURROGATES}{_EMBEDDINGS}{_OTHER_FORMATS}]+")
_DROPPED = re.compile(f"[{_INVISIBLE}{_DIRECTION_MARKS}]")
_LINE_ENDS = re.compile(f"\r\n|[\r{_SEPARATORS}]")
_BREAKS = re.compile(f"[\t\n{_SEPARATORS}]")
_FORMULA = re.compile(rf"[\s{INVISIBLE_SPACES}]*[{re.escape(FORMULA_STARTS)}]")
_TOKEN = re.compile(r"\b(hd[ac]_)[\w%-]+", re.ASCII)


def clean_text(text: str) -> str:
    """Return a message's *text* as it is stored: ``\\n`` line ends, no controls, no outer space."""
    if text.isprintable():  # a line of nothing but signs and plain spaces, as most are
        return text.strip()
    return written_text(text).strip()


def written_text(text: str) -> str:
    """Return *text* as :func:`clean_text` does, with its outer space: what somebody writes on."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_IN_TEXT.sub("", text)


def clean_line(text: str) -> str:
    """Return *text* as one line: no controls, line breaks, bidirectional controls, outer space."""
    return _NOT_ON_A_LINE.sub("", text).strip()


def clean_url(url: str) -> str | None:
    """Return *url* if it is a short enough ``http`` or ``https`` address, else None."""
    url = clean_line(url)
    if len(url) > URL_LIMIT:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def printable_text(text: str, limit: int = PRINTABLE_LIMIT) -> str:
    """Return *text* for a terminal: printable characters, spaces and ``\\n``.

    What exceeds *limit* characters becomes an ellipsis.
    """
    cut = len(text) > limit
    text = _LINE_ENDS.sub("\n", text[:limit])
    if not text.isascii():
        text = _thin_out(_DROPPED.sub("", text))
    text = _HARMFUL.sub(REPLACEMENT, text).expandtabs(4)
    return text + "…" if cut else text


def printable_line(text: str, limit: int = NAME_LIMIT) -> str:
    """Return *text* for one line of a terminal, of at most *limit* characters and an ellipsis."""
    line = " ".join(printable_text(text, 4 * limit).split())
    return line if len(line) <= limit else line[:limit].rstrip() + "…"


def printable_cell(text: str) -> str:
    """Return *text* as one line without what :func:`printable_text` replaces, for the renderer."""
    if text.isprintable():
        return text
    return _HARMFUL.sub("", _DROPPED.sub("", _BREAKS.sub(" ", text)))


def csv_cell(cell: str) -> str:
    """Return *cell* so that no spreadsheet evaluates it as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def mask_tokens(sentence: str) -> str:
    """Return *sentence* with what looks like a token masked: an argument may be one by mistake."""
    return _TOKEN.sub(r"\1***", sentence)


def _thin_out(text: str) -> str:
    """Return *text* without piles of combining marks; joiners between them do not count."""
    kept, marks = [], 0
    for character in text:
        if character not in _JOINERS:
            marks = marks + 1 if category(character) in _COMBINING else 0
        if marks <= _MOST_COMBINING or character in _JOINERS:
            kept.append(character)
    return "".join(kept)
