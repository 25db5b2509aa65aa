"""Small frames read and written by hand, because nearly all are; others are the library's. Pure.

A frame that is not whole, long, in pieces, unmasked, or anything but text stays where it is, with
all that stands behind it: what is wrong with it is the library's to find and to say.
"""

from functools import lru_cache

from websockets.frames import apply_mask  # type: ignore[attr-defined]

LONGEST = 4096
"""Bytes of a text that is read by hand; a slice of a socket holds no longer one."""
_WHOLE_TEXT, _MASKED, _TWO_BYTES = 0x81, 0x80, 126


def whole_texts(data: bytes, limit: int) -> tuple[list[bytes], int]:
    """Return the texts of the small frames at the start of *data*, and how many bytes these have.

    A text of more than *limit* bytes is none of them.
    """
    texts: list[bytes] = []
    place, end = 0, len(data)
    while end - place > 5 and data[place] == _WHOLE_TEXT:
        length = data[place + 1] - _MASKED
        begin = place + 6
        if length == _TWO_BYTES:
            if end - place < 8:
                break
            length = data[place + 2] << 8 | data[place + 3]
            begin = place + 8
        elif not 0 <= length < _TWO_BYTES:
            break
        if length > limit or begin + length > end:
            break
        place = begin + length
        texts.append(apply_mask(data[begin:place], data[begin - 4 : begin]))
    return texts, place


@lru_cache(maxsize=LONGEST)
def head_of_text(length: int) -> bytes | None:
    """Return what stands before a text of *length* bytes that the relay sends; None: it is long."""
    if length < _TWO_BYTES:
        return bytes((_WHOLE_TEXT, length))
    if length < 2**16:
        return bytes((_WHOLE_TEXT, _TWO_BYTES, length >> 8, length & 0xFF))
    return None
