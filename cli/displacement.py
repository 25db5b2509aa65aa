"""A running relay whose database is not in its place: the reason, and the content it still has.

Asked at the control socket, or at the abstract one that stands in for it.
"""

from collections.abc import Iterator
from http.client import HTTPException
from typing import TYPE_CHECKING

from cli.relay_addresses import ControlConnection
from relay.errors import StartError

if TYPE_CHECKING:
    from relay.settings import Settings

ANSWER_TIMEOUT = 10.0
"""Seconds without a byte after which the relay is given up."""
PIECE = 2**16
REASON_BYTES = 2000


def displacement(settings: "Settings") -> str | None:
    """Return why the database of the running relay is not in its place.

    None if it is, or if no relay runs.
    """
    for address in _addresses(settings):
        connection = ControlConnection(address, ANSWER_TIMEOUT)
        try:
            connection.request("GET", "/displacement")
            response = connection.getresponse()
            if response.status == 200:
                return response.read(REASON_BYTES).decode(errors="replace").strip()
        except (OSError, HTTPException):
            continue  # no relay there, or one that is about to end
        finally:
            connection.close()
    return None


def require_place(settings: "Settings") -> None:
    """Raise :exc:`StartError` if a relay runs whose database is not in its place."""
    reason = displacement(settings)
    if reason is not None:
        raise StartError(f"The relay stores nothing: {reason}.")


def content(settings: "Settings") -> Iterator[bytes]:
    """Yield the displaced database of the running relay; raise :exc:`StartError` if it is cut."""
    for address in _addresses(settings):
        connection = ControlConnection(address, ANSWER_TIMEOUT)
        try:
            connection.request("GET", "/displacement/content")
            response = connection.getresponse()
            if response.status == 200:
                while piece := response.read(PIECE):
                    yield piece
                return
            if response.status == 503:
                raise StartError(response.read(REASON_BYTES).decode(errors="replace").strip())
        except HTTPException as error:
            raise StartError("The relay ended before all was copied; nothing was kept.") from error
        except OSError:
            continue
        finally:
            connection.close()
    raise StartError("The relay does not answer any more; nothing was copied.")


def _addresses(settings: "Settings") -> tuple[str, ...]:
    return str(settings.control_path), *settings.abstract_control_names
