"""Parser of what a terminal sends: keys, pastes, mouse and answers, in whatever pieces they come.

It cuts the input into whole sequences and gives Textual's parser one at a time, since that one
types out what it does not know, what is longer than 32 characters, and what a slow line cuts in
two, and ends the program at a key report that it cannot read. ``tests/unit/console`` has a test
that fails once Textual does none of that; then this may go.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator

from textual import events
from textual._xterm_parser import _MAX_SEQUENCE_SEARCH_THRESHOLD as LONGEST
from textual._xterm_parser import XTermParser
from textual.message import Message

from helpdesk_tui.key_reports import alt_key, is_typed, reported_keys, text_keys

PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
ESCAPE_DELAY = 0.1
"""Seconds after which an escape is the key."""
CUT_DELAY = 1.0
"""Seconds after which the rest of a sequence does not come any more, and it is dropped."""
PASTE_DELAY = 2.0
"""Seconds after which the end of a paste does not come any more, and it ends by itself."""
ANSWER_DELAY = 2.0
"""Seconds behind an escape key in which the rest of an answer may come that was cut behind it."""
PASTE_GAP = 0.1
"""Seconds between two reads of one paste, at most."""
FINGERS = 8
"""Characters of a read, at most, that may have been typed while a paste waits for its end."""
PASTED_LINES = 3
"""Lines in one read that are a paste, where the terminal does not mark it as one."""
PASTED_SIZE = 40
"""Characters of two lines in one read that are a paste."""
LONGEST_ANSWER = 1_000_000

_STRING_END = r"(?:\x07|\x9c|\x1b\\)"
_WHOLE = re.compile(
    r"\x1b{1,2}\[\[[A-E]"  # a function key of the Linux console
    r"|\x1b\[M[\s\S]{3}"  # a mouse event in the oldest encoding
    r"|\x1b\[<(?:[-+.;\d]|nan|inf)*[Mm]"
    r"|\x1b{1,2}\[\d+\$(?![a-z])"  # a key with Shift, in rxvt
    r"|\x1b{1,2}\[(?!<)[0-?]*[ -/]*[@-~]"
    r"|\x1b{1,2}O[\d;]*[@-~]"
    rf"|\x1b[\]PX^_][^\x07\x9c\x1b]*{_STRING_END}",
    re.IGNORECASE,
)
_BEGUN = re.compile(
    r"\x1b{1,2}(?:\[\[?|O[\d;]*|\[[0-?]*[ -/]*)?"
    r"|\x1b\[M[\s\S]{0,2}"
    r"|\x1b\[<[-+.;\dnaif]*"
    r"|\x1b[\]PX^_][^\x07\x9c\x1b]*\x1b?",
    re.IGNORECASE,
)
_STRING = re.compile(r"\x1b[\]PX^_][^\x07\x9c\x1b]*")
_CONTROL_STRING_KEYS = {"P", "X", "O"}
"""Letters that Alt with CapsLock sends as the beginning of a sequence."""
_CUT_ANSWER = re.compile(
    rf"\][\d;][^\x07\x9c\x1b]*{_STRING_END}|[P_][^\x07\x9c\x1b]+{_STRING_END}"
    r"|\[[?>=][\d;:]*(?:\$y|[cnuyq])|\[\d+;\d+(?:;\d+)*[Rt]"
)
"""What remains of an answer to a question of ours, or of a program before us, behind its escape."""
_ESCAPE_HELD = re.compile(r"\x1b\x1b[\[O]")


class TerminalInput:
    """Turns bytes into Textual's events. Times are seconds of a clock that does not go back."""

    def __init__(self) -> None:
        self.dropped = 0
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._parser = XTermParser()
        self._held, self._pasted = "", ""
        self._pasting = False
        self._at = self._paste_at = self._escape_at = self._unmarked_at = -PASTE_DELAY

    def read(self, data: bytes, now: float) -> list[Message]:
        """Return the events of *data*, which was read at *now*, and of what was held back before.

        What was held back waits for no time here: *data* may have come long before a machine that
        is busy, or was asleep, has read it. :meth:`idle` is for when there is nothing to read.
        """
        done: list[Message] = []
        text = self._decoder.decode(data)
        if not self._held and now - self._escape_at < ANSWER_DELAY:
            if answer := _CUT_ANSWER.match(text):
                text = text[answer.end() :]
            self._escape_at = -PASTE_DELAY
        if len(text) > FINGERS or now - self._at < PASTE_GAP / 2:
            self._paste_at = now
        self._at = now
        text, self._held = self._held + text, ""
        while text:
            read = self._read_paste if self._pasting else self._read_typed
            events_, text = read(text, now)
            done += events_
        return done

    def idle(self, now: float) -> Iterator[Message]:
        """Yield the events of what was held back for too long at *now*."""
        if self._pasting:
            ends = self._held.endswith("\x1b") and now - self._at >= ESCAPE_DELAY
            if ends or now - self._paste_at >= PASTE_DELAY:
                self._pasting, pasted, self._held, self._pasted = False, self._pasted, "", ""
                yield events.Paste(pasted)
        elif self._held in {"\x1b", "\x1b\x1b"}:
            if now - self._at >= ESCAPE_DELAY:
                for _ in self._held:
                    yield events.Key("escape", "\x1b")
                self._held, self._escape_at = "", now
        elif self._held and now - self._at >= CUT_DELAY:
            held, self._held = self._held, ""
            if held[1:] in _CONTROL_STRING_KEYS:
                yield alt_key(held[1])
            else:
                self.dropped += 1

    def _read_paste(self, text: str, now: float) -> tuple[list[Message], str]:
        """Take what is pasted off *text*; return the paste, once it ends, and the rest."""
        pasted, end, rest = text.partition(PASTE_END)
        if not end:
            pasted, self._held = _without_half_an_end(pasted)
        self._pasted += pasted.replace("\x1b", "")
        if not end:
            return [], ""
        whole, self._pasted, self._pasting = self._pasted, "", False
        self._at = now
        return [events.Paste(whole)], rest

    def _read_typed(self, text: str, now: float) -> tuple[list[Message], str]:
        """Return the events of the run or sequence with which *text* begins, and the rest."""
        if (start := text.find("\x1b")) != 0:
            run = text if start < 0 else text[:start]
            return self._typed(run, now), text[len(run) :]
        if text.startswith(PASTE):
            self._pasting, self._paste_at = True, now
            return [], text[len(PASTE) :]
        if whole := _WHOLE.match(text):
            return self._sequence(whole[0]), text[whole.end() :]
        if _BEGUN.fullmatch(text) and len(text) < LONGEST_ANSWER:
            self._held = text
            return [], ""
        return self._other(text)

    def _other(self, text: str) -> tuple[list[Message], str]:
        """Return the events of the escape with which *text* begins, which begins no sequence."""
        if string := _STRING.match(text):
            if string.end() > 2 or text[1] not in _CONTROL_STRING_KEYS:
                self.dropped += 1  # another sequence has interrupted it
                return [], text[string.end() :]
            return [alt_key(text[1])], text[2:]
        if text[1] in "[O":
            broken = re.match(r"\x1b.[0-?]*[ -/]*[@-~]?", text)
            self.dropped += 1
            return [], text[broken.end() if broken else 2 :]
        if text[1] > " " and text[1] != "\x7f":
            return [alt_key(text[1])], text[2:]
        if text[1] == "\x7f":
            return self._ask_textual(text[:2]), text[2:]
        return [events.Key("escape", "\x1b")], text[1:]

    def _typed(self, run: str, now: float) -> list[Message]:
        """Return the events of *run*, in which is no escape: keys, or a paste without its marks."""
        again = now - self._unmarked_at < PASTE_GAP and "\r" in run
        if again or is_pasted(run):
            self._unmarked_at = now
            return [events.Paste(run.replace("\r", "\n"))]
        keys: list[Message] = []
        for character in run:
            if is_typed(character):
                keys += text_keys(character)
            elif character <= "\x7f":
                keys += self._ask_textual(character)
        return keys

    def _sequence(self, sequence: str) -> list[Message]:
        """Return the events of a whole *sequence*; none if it is unknown or malformed."""
        if _ESCAPE_HELD.match(sequence):  # Alt, as PuTTY and rxvt send it
            keys = self._sequence(sequence[1:])
            return [_with_alt(key) if isinstance(key, events.Key) else key for key in keys]
        if sequence[1] not in "[O":
            return []  # an answer in a string: to nothing that the console has asked
        try:
            keys_reported = reported_keys(sequence)
        except (ValueError, OverflowError):
            self.dropped += 1
            return []
        if keys_reported is not None:
            return list(keys_reported)
        return self._ask_textual(sequence)

    def _ask_textual(self, sequence: str) -> list[Message]:
        parser = self._parser
        try:
            found = list(parser.feed(sequence))
            understood = parser._timeout_time is None and len(sequence) <= LONGEST
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            found, understood = [], False
            self.dropped += 1
        if understood:
            return found
        self._parser = _successor(parser)
        return []


def is_pasted(run: str) -> bool:
    """Return whether *run*, of one read, has its lines faster than fingers type them."""
    lines = [line for line in run.split("\r") if line.strip()]
    if any(character < " " and character not in "\r\n\t" for character in run) or "\x7f" in run:
        return False
    return len(lines) >= PASTED_LINES or (len(lines) > 1 and len(run) >= PASTED_SIZE)


def _without_half_an_end(text: str) -> tuple[str, str]:
    """Return *text* in two: what is surely pasted, and what may be the first half of its end."""
    for size in range(len(PASTE_END) - 1, 0, -1):
        if text.endswith(PASTE_END[:size]):
            return text[:-size], text[-size:]
    return text, ""


def _with_alt(key: events.Key) -> events.Key:
    held = {*key.key.split("+")[:-1], "alt"}
    return events.Key("+".join([*sorted(held), key.key.split("+")[-1]]), None)


def _successor(parser: XTermParser) -> XTermParser:
    """Return a parser that waits for nothing and knows what *parser* knows of the terminal."""
    fresh = XTermParser()
    fresh.last_x, fresh.last_y = parser.last_x, parser.last_y
    fresh.mouse_pixels = parser.mouse_pixels
    fresh.terminal_size = parser.terminal_size
    fresh.terminal_pixel_size = parser.terminal_pixel_size
    return fresh
