"""`helpdesk version`: the installed version, and with ``--check`` the newest one of an index."""

import json as codec
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from cli import options, output
from cli.command import AsJson
from relay.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPResponse

INDEX_URL = "https://pypi.org/pypi"
"""The JSON API of the Python package index; a mirror with the same API can take its place."""
TIMEOUT = 10.0
"""Seconds for the whole answer, the name's resolution included."""
ANSWER_LIMIT = 16 * 1024 * 1024
"""Bytes of an answer at most; one lists all files of all releases."""


def version(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Ask the package index for the newest version.")
    ] = False,
    index_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help=f"The index with PyPI's JSON API.  [default: {INDEX_URL}]"
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Print the version. Nothing is asked over the network without --check."""
    from relay.version import PROGRAM_VERSION, is_older

    if not check:
        if index_url is not None:
            raise options.UsageError("--index-url is asked with --check only; give both.")
        if json:
            output.as_json({"version": PROGRAM_VERSION})
        else:
            output.data(f"{output.NAME} {PROGRAM_VERSION}")
        return
    newest = _newest(_index(INDEX_URL if index_url is None else index_url))
    newer = is_older(PROGRAM_VERSION, newest)
    if json:
        output.as_json({"version": PROGRAM_VERSION, "newest": newest, "newer": newer})
    elif newer:
        output.data(
            f"{newest} is newer than {PROGRAM_VERSION}, which is installed; update with the "
            f"program that installed it, such as `uv tool upgrade {output.NAME}`."
        )
    else:
        output.data(f"{PROGRAM_VERSION} is installed, and the index has nothing newer.")


def _index(url: str) -> str:
    """Return the address that is asked; raise :exc:`UsageError` if *url* is no HTTP address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and url.isascii()
        usable = usable and (parts.port is None or parts.port > 0) and not parts.username
    except ValueError:
        usable = False
    if not usable or any(character <= " " for character in url):
        raise options.UsageError("--index-url has to be an address with http:// or https://.")
    return f"{url.rstrip('/')}/{output.NAME}/json"


def _newest(address: str) -> str:
    """Return the newest version that the index at *address* names."""
    from relay.version import is_version

    host = urlsplit(address).netloc
    answer = _within(TIMEOUT, lambda: _get(address), host)
    try:
        newest = codec.loads(answer)["info"]["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        newest = None
    if not (isinstance(newest, str) and is_version(newest)):
        raise StartError(f"What {host} answers names no version; is it an index with PyPI's API?")
    return newest


def _get(address: str) -> bytes:
    """Return the body of the answer; raise :exc:`StartError` with a sentence if there is none."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import build_opener

    from relay.version import PROGRAM_VERSION

    host = urlsplit(address).netloc
    opener = build_opener()
    opener.addheaders = [
        ("User-Agent", f"{output.NAME}/{PROGRAM_VERSION}"),
        ("Accept", "application/json"),
    ]
    try:
        response: HTTPResponse
        with opener.open(address, timeout=TIMEOUT) as response:
            body = response.read(ANSWER_LIMIT + 1)
    except HTTPError as refused:
        refused.close()
        missing = refused.code == 404
        said = f"has no {output.NAME}" if missing else f"answers {refused.code}"
        raise StartError(f"The index at {host} {said}; check --index-url.") from None
    except TimeoutError:
        raise _slow(host) from None
    except (OSError, HTTPException) as failed:
        reason = getattr(failed, "reason", failed)
        if isinstance(reason, TimeoutError):
            raise _slow(host) from None
        told = getattr(reason, "strerror", None) or type(reason).__name__
        raise StartError(
            f"The index at {host} cannot be asked ({told}); check the network and --index-url."
        ) from None
    if len(body) > ANSWER_LIMIT:
        raise StartError(f"The index at {host} answers more than it should; check --index-url.")
    return body


def _slow(host: str) -> StartError:
    return StartError(f"The index at {host} did not answer within {TIMEOUT:.0f} s; try again.")


def _within(seconds: float, ask: "Callable[[], bytes]", host: str) -> bytes:
    """Return what *ask* does in a thread that is given up after *seconds*.

    A timeout of a socket limits neither the resolution of a name nor a trickling answer.
    """
    import threading
    from queue import Empty, SimpleQueue

    outcome: SimpleQueue[bytes | Exception] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put(ask())
        except Exception as error:  # noqa: BLE001 - raised in the thread that waits
            outcome.put(error)

    threading.Thread(target=run, name="index", daemon=True).start()
    try:
        answer = outcome.get(timeout=seconds)
    except Empty:
        raise _slow(host) from None
    if isinstance(answer, Exception):
        raise answer
    return answer
