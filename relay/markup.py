"""The formatting of a message's text: addresses, and a subset of Markdown. Pure.

A text is parsed for showing and never changed. The rules are those of ``docs/message-format.md``;
``web_widget/markup.js`` has the same ones, and ``tests/data`` the cases that both are tested with.
No pattern looks further than a line, and none at the same place twice, because anybody may send
a text of any length.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from itertools import groupby
from typing import Literal
from unicodedata import category

LONGEST_ADDRESS = 2_048
"""Characters; longer ones are shown as text."""
_MOST_TRIMMED = 99
_LARGEST_PORT = 65_535
_ENDING = {"Cf", "Sm", "Zl", "Zp", "Zs", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps"}
"""Unicode categories whose characters end an address, but for the few that titles have."""
_TITLES = "\xb7\u30fb\u2013"
_PLANES = (*range(0xA1, 0x3100), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200))


def _end_ranges() -> str:
    """Return the characters that end an address as ranges of a pattern's class."""
    codes = [one for one in _PLANES if category(chr(one)) in _ENDING and chr(one) not in _TITLES]
    runs = groupby(enumerate(codes), lambda pair: pair[1] - pair[0])
    ends = ([code for _, code in run] for _, run in runs)
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ends)


_WORD = r"[0-9A-Za-z\xc0-\u1fff]"
_SCHEME = "(?:https?://|mailto:)"
_OTHER = rf"{_TITLES}]|[^\0-\xa0\ud800-\udfff{_end_ranges()}]"
_HOST = rf"(?:[\w{_OTHER})(?:[-.\w{_OTHER})*"
_REST = rf"(?:(?![,;|!'*_~()[\]{{}}]{{1,9}}{_SCHEME})(?:[!#-;=?-[\]^_a-~{_OTHER}))*"
_LINK = (
    rf"(?<![0-9A-Za-z])(?:https?://(?!https?:|[^/?#\s]*@)(?:\[[\da-f:.]+\]|{_HOST})(?::\d+)?"
    rf"(?:[/?#]{_REST})?|mailto:[-\w.+%]+@{_HOST}(?:\?{_REST})?)"
)
_CODE = rf"(?<!{_WORD})(?<!`)`(?! *`)[^`]+`(?!{_WORD}|`)"
_FLAGS = re.ASCII | re.IGNORECASE
_TOKEN = re.compile(rf"({_LINK})|{_CODE}|(?<!\*)\*{{1,3}}(?!\*)|(?<!_)_(?!_)", _FLAGS)
_PLACE = re.compile(r"\w+://(?:\[(.+)\]|([^/?#:]+))(?::(\d+))?(?![^/?#])", _FLAGS)
_OPENED = re.compile(r"[0-9A-Za-z\xc0-\u1fff\\/.$#@&%^~+=]")
_OPENS = re.compile(r"""[*_"'(\[{$#@+<&~-]{0,9}[0-9A-Za-z\xa1-\U0010ffff]""")
_CLOSES = re.compile(rf"(?<=[^ \t\xa0\u2000-\u200a\u3000])(?:\*+(?!\*)|_)(?!{_WORD})")
_TAIL = re.compile(r"(?:&#?\w{1,31};|'s|[.,;:!?'*~|(\[{\u2010-\u2013])\Z", _FLAGS)
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_FORMATS = {"*": "i", "_": "i", "**": "b", "***": "bi"}
_FENCE = "```"
_OPENING_FENCE = re.compile(r"```[\w+#.-]*", re.ASCII)
_ITEM = re.compile(r"(?:([-*])|(\d{1,9})\.) +(?! )([^\n]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line. ``formats``: letters of ``a`` (address), ``b`` (bold), ``c`` (code) and
    ``i`` (italic), in this order."""

    words: str
    formats: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one kind: a paragraph, code, or a list, whose items are lines. ``start`` is the
    number of a numbered list's first item."""

    kind: Literal["p", "pre", "ul", "ol"]
    lines: tuple[Line, ...]
    start: int = 1


def parse(text: str) -> tuple[Block, ...]:
    """Return the blocks of *text*, whose lines end with ``\\n``."""
    return tuple(_joined(_blocks(text.split("\n"))))


def addresses(text: str) -> Iterator[str]:
    """Yield the addresses in *text*, in their order."""
    for block in parse(text):
        for line in block.lines:
            yield from (piece.words for piece in line if "a" in piece.formats)


def _line(line: str, formats: str = "") -> Line:
    return _LineParser(line, formats).pieces()


class _LineParser:
    """Parses one line from left to right; each mark opens, closes, or stays as it was typed."""

    def __init__(self, line: str, formats: str = "") -> None:
        self._line = line
        self._formats = formats
        self._pieces: list[Piece] = []
        self._open: dict[str, int] = {}
        self._done = 0

    def pieces(self) -> Line:
        """Return the pieces of the line; neighbours of the same formats are one."""
        at = 0
        while found := _TOKEN.search(self._line, at):
            at = self._address(found) if found[1] else self._mark(found)
        self._put(len(self._line))
        joined: list[Piece] = []
        for piece in self._pieces:
            last = joined[-1] if joined else None
            if last and last.formats == piece.formats and "a" not in piece.formats:
                joined[-1] = replace(last, words=last.words + piece.words)
            elif piece.words:
                joined.append(piece)
        return tuple(joined)

    def _put(self, start: int, *pieces: Piece, end: int | None = None) -> None:
        self._pieces += (Piece(self._line[self._done : start], self._formats), *pieces)
        self._done = start if end is None else end

    def _address(self, found: re.Match[str]) -> int:
        """Add the address of *found*, if it is one; return where to go on."""
        if len(found[0]) > LONGEST_ADDRESS:
            return found.end()
        address = _trimmed(found[0], italic="_" in self._open)
        if not _is_address(address):
            return found.start() + found[0].index(":")
        end = found.start() + len(address)
        self._put(found.start(), Piece(address, f"a{self._formats}"), end=end)
        return end

    def _mark(self, found: re.Match[str]) -> int:
        """Add the code, open or close the mark of *found*; return where to go on."""
        mark, (begin, end) = found[0], found.span()
        if self._formats:
            return end
        if mark[0] == "`":
            self._put(begin, *_line(mark[1:-1], "c"), end=end)
        elif mark in self._open and _CLOSES.match(self._line, begin):
            self._put(begin, end=end)
            self._close(mark)
        elif not _OPENED.match(self._line[begin - 1 : begin]) and _OPENS.match(self._line, end):
            self._put(begin, Piece(mark), end=end)
            self._open[mark] = len(self._pieces) - 1
        return end

    def _close(self, mark: str) -> None:
        """Format what follows the *mark* that is open; marks opened after it stay as typed."""
        start = self._open[mark]
        self._pieces[start] = Piece("")
        for place in range(start + 1, len(self._pieces)):
            piece = self._pieces[place]
            formats = "".join(sorted({*piece.formats, *_FORMATS[mark]}))
            self._pieces[place] = replace(piece, formats=formats)
        self._open = {other: place for other, place in self._open.items() if place < start}


def _trimmed(link: str, *, italic: bool) -> str:
    """Return *link* without what ends the sentence around it. *italic*: so does ``_``."""
    for _ in range(_MOST_TRIMMED):
        last = link[-1]
        opener = _BRACKETS.get(last)
        loose = link.count(last) > link.count(opener) if opener else last == "_" and italic
        tail = _TAIL.search(link, max(0, len(link) - 34))
        surplus = len(tail[0]) if tail else int(loose)
        if not surplus:
            break
        link = link[:-surplus]
    return link


def _is_address(link: str) -> bool:
    """Return whether a browser would accept the host and the port of *link*."""
    found = _PLACE.match(link)
    if found is None:
        return link[0] in "Mm"
    six, name, port = found.groups()
    try:
        if six:
            IPv6Address(six)
        elif name.rstrip(".").rpartition(".")[2].isdecimal():
            IPv4Address(name.rstrip("."))
    except ValueError:
        return False
    return int(port or 0) <= _LARGEST_PORT


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yield *blocks*, with paragraphs that follow each other as one."""
    lines: list[Line] = []
    for block in blocks:
        if block.kind == "p":
            lines += block.lines
            continue
        if lines:
            yield Block("p", tuple(lines))
            lines = []
        yield block
    if lines:
        yield Block("p", tuple(lines))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    last_fence = max((at for at, line in enumerate(lines) if line == _FENCE), default=0)
    at = 0
    while at < len(lines):
        line, begin = lines[at], at
        if at < last_fence and _OPENING_FENCE.fullmatch(line):
            at = lines.index(_FENCE, at + 1) + 1
            code = lines[begin + 1 : at - 1]
            if code:
                yield Block("pre", tuple(_line(one, "c") for one in code))
                continue
            at = begin
        item, count = _ITEM.fullmatch(line), _item_count(lines, at)
        if item and count > 1:
            at += count
            items = (_line(_ITEM.sub(r"\3", one)) for one in lines[begin:at])
            yield Block("ul" if item[1] else "ol", tuple(items), int(item[2] or 1))
        else:
            at += 1
            yield Block("p", (_line(line),))


def _item_count(lines: Sequence[str], at: int) -> int:
    """Return how many lines from *at* on are items of one list."""
    first = _ITEM.fullmatch(lines[at])
    count = 0
    while first and at + count < len(lines):
        item = _ITEM.fullmatch(lines[at + count])
        if not item or item[1] != first[1] or (first[2] and int(item[2]) != int(first[2]) + count):
            break
        count += 1
    return count
