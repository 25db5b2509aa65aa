"""What a string from outside may hold. Pure; cleans a string, never decides if it is welcome.

The rules are promise 5 of the protocol: a message's text keeps its line breaks and tabs, every
other string is a single line without bidirectional controls.
"""

import re
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
TAG = r"^[a-z0-9-]{1,32}\Z"

# Unicode's Cc but for newline and tab.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Cc, every line break Unicode knows, the property Bidi_Control, and halves of characters, which
# no frame can hold but a header or a signed identity can.
_NOT_ON_A_LINE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean_text(text: str) -> str:
    """Return a message's *text* as it is stored: ``\\n`` line ends, no controls, no outer space."""
    if text.isprintable():  # a line of nothing but signs and plain spaces, as most are
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text).strip()


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
