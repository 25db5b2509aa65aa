"""Size of the widget: gzipped, as the relay serves it, file by file."""

import sys
from pathlib import PurePosixPath

from relay.server.static_files import encode, widget

FIRST_VIEW = 5_000
CHAT, EVERYTHING = 22_000, 30_000
LATER = {
    f"/widget/{name}.js"
    for name in ("long_log", "markup", "menu", "notify", "score", "transcript", "unsupported")
}
"""Loaded with the 41st message, with the first text that has an address or a mark, the menu, a
message to a hidden page or panel, the end of a chat, a transcript, and in an old browser."""
ENTRY = "/widget.js"
OTHER_ENTRY = "/widget/module.js"
"""For a page that imports the script instead of embedding it."""


def test_a_page_view_and_all_of_it_with_its_largest_language_stay_small() -> None:
    served = {path: len(encode("gzip", file.body)) for path, file in widget().items()}
    texts = {path: size for path, size in served.items() if path.startswith("/widget/texts/")}
    modules = [path for path in served if PurePosixPath(path).parent.as_posix() == "/widget"]
    parts = [ENTRY, *(path for path in modules if path != OTHER_ENTRY)]
    sizes = {path: served[path] for path in (*parts, max(texts, key=lambda path: texts[path]))}
    table = [*sorted(sizes.items()), ("all", sum(sizes.values()))]
    sys.stdout.writelines(f"{name:24}{length:7,} bytes\n" for name, length in table)
    assert len(sizes) > 6
    assert sizes[ENTRY] <= FIRST_VIEW
    assert sum(size for path, size in sizes.items() if path not in LATER) <= CHAT
    assert sum(sizes.values()) <= EVERYTHING
