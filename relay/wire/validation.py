"""Sanitizes and bounds every string of a frame (promise 5), before anything else sees it. Pure.

Text that a person wrote is refused if it is too long; what a browser reports is cut or dropped.
"""

from msgspec.structs import replace

from relay.desk.contact import CONTACT_LIMITS
from relay.errors import Code, Refused
from relay.sanitize import (
    COMMENT_LIMIT,
    LOCALE_LIMIT,
    LONGEST_TEXT,
    NAME_LIMIT,
    TITLE_LIMIT,
    clean_line,
    clean_text,
    clean_url,
)
from relay.wire import agent_in, customer
from relay.wire.objects import PageObject

Frame = customer.ClientFrame | agent_in.ClientFrame


def validated(frame: Frame, text_limit: int) -> Frame:
    """Return *frame* with sanitized strings, or raise :exc:`Refused` ``invalid`` naming the field.

    *text_limit* is in code points; with 0 only the size of an answer limits it.
    """
    match frame:
        case customer.Send() | agent_in.Send() | agent_in.Note():
            text = _text("text", frame.text, text_limit)
            return frame if text is frame.text else replace(frame, text=text)
        case customer.Hello():
            return replace(frame, page=_page(frame.page), locale=_locale(frame.locale))
        case customer.Open():
            typed = {
                field: _line(field, value, CONTACT_LIMITS[field])
                for field, value in frame.values().items()
            }
            first = None if frame.text is None else _text("text", frame.text, text_limit)
            return replace(frame, **typed, text=first)
        case customer.SetPage():
            page = _page(frame.page) or PageObject()
            return replace(frame, page=page, locale=_locale(frame.locale))
        case customer.Rate():
            return replace(frame, comment=_line("comment", frame.comment, COMMENT_LIMIT))
        case agent_in.Transfer():
            note = None if frame.note is None else _text("note", frame.note, text_limit)
            return replace(frame, note=note)
        case agent_in.Hold():
            return replace(frame, why=_filled("why", frame.why, COMMENT_LIMIT))
        case agent_in.Search():
            return replace(frame, text=_filled("text", frame.text, COMMENT_LIMIT))
        case agent_in.AgentAdd() | agent_in.CannedRemove():
            return replace(frame, name=_name(frame.name))
        case agent_in.AgentSet():
            return replace(frame, name=None if frame.name is None else _name(frame.name))
        case agent_in.CannedSet():
            text = _text("text", frame.text, text_limit)
            return replace(frame, name=_name(frame.name), text=text)
        case _:
            return frame


def _text(field: str, text: str, limit: int) -> str:
    text = clean_text(text)
    if not text:
        raise Refused(Code.INVALID, f"`{field}` is empty.")
    limit = limit or LONGEST_TEXT
    if len(text) > limit:
        raise Refused(Code.INVALID, f"`{field}` has {len(text)} characters; the limit is {limit}.")
    return text


def _line(field: str, line: str | None, limit: int) -> str | None:
    if line is None:
        return None
    line = clean_line(line)
    if len(line) > limit:
        raise Refused(Code.INVALID, f"`{field}` has {len(line)} characters; the limit is {limit}.")
    return line or None


def _filled(field: str, value: str, limit: int) -> str:
    line = _line(field, value, limit)
    if line is None:
        raise Refused(Code.INVALID, f"`{field}` is empty.")
    return line


def _name(name: str) -> str:
    return _filled("name", name, NAME_LIMIT)


def _page(page: PageObject | None) -> PageObject | None:
    if page is None:
        return None
    return PageObject(
        url=clean_url(page.url or ""),
        title=clean_line(page.title or "")[:TITLE_LIMIT] or None,
        referrer=clean_url(page.referrer or ""),
    )


def _locale(locale: str | None) -> str | None:
    line = clean_line(locale or "")
    return line if 0 < len(line) <= LOCALE_LIMIT else None
