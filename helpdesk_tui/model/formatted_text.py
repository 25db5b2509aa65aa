"""A message's text as the console shows it: words without marks, and their formats. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from relay.markup import Block, addresses, parse


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Some of a line. ``formats`` as in :class:`relay.markup.Piece`; ``address`` is the whole
    address that it is or is cut from; empty where it is none."""

    words: str
    formats: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class FormattedText:
    """``words`` as they are shown, and ``spans``: where each begins that is formatted, in order."""

    words: str
    spans: tuple[tuple[int, TextSpan], ...]

    def split(self, lines: Sequence[str]) -> Iterator[tuple[TextSpan, ...]]:
        """Yield the parts of each of the *lines* that the words were broken into, less white space.

        A span is found by its place: two addresses may begin alike.
        """
        line_end, at = 0, 0
        for line in lines:
            begin = self.words.find(line, line_end)
            line_end = begin + len(line)
            parts, done = [], begin
            while at < len(self.spans):
                start, span = self.spans[at]
                end = start + len(span.words)
                first, last = max(start, begin), min(end, line_end)
                if first < last:
                    parts.append(TextSpan(self.words[done:first]))
                    parts.append(TextSpan(self.words[first:last], span.formats, span.address))
                    done = last
                if end > line_end:
                    break
                at += 1
            yield (*parts, TextSpan(self.words[done:line_end]))


@lru_cache(maxsize=4096)  # each drawing asks again for what is in view, each layout for all
def formatted(text: str) -> FormattedText:
    """Return *text* as it is shown; items of a list begin with a bullet or their number."""
    words, spans, length = [], [], 0
    for block in parse(text):
        for number, line in enumerate(block.lines):
            pieces = [TextSpan(_bullet(block, number))]
            pieces += (
                TextSpan(piece.words, piece.formats, piece.words if "a" in piece.formats else "")
                for piece in line
            )
            for piece in (*pieces, TextSpan("\n")):
                if piece.formats:
                    spans.append((length, piece))
                words.append(piece.words)
                length += len(piece.words)
    return FormattedText("".join(words).removesuffix("\n"), tuple(spans))


def links(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses in *texts*, each once, in their order."""
    return tuple(dict.fromkeys(link for text in texts for link in addresses(text)))


def _bullet(block: Block, number: int) -> str:
    if block.kind == "ul":
        return "• "
    return f"{block.start + number}. " if block.kind == "ol" else ""
