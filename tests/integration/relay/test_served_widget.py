"""HTTP headers of the widget's files: caching, compression and origins."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import brotli
import pytest

from relay.server import static_files as files
from tests.integration.relay.helpers import Desk
from tests.integration.relay.plain_http import http

IMPORTED = re.compile(rb"'widget/([0-9a-f]{12})/'")

IN_NO_FILE = re.compile(r"/\*\*|import .* from ")
TYPE = re.compile(r"/\*\* @type [^*]*\*/ ")
JOINED = (
    *("link", "request", "session", "elements", "header", "form", "loader", "log", "styles"),
    "panel",
)
DECLARED = re.compile(r"^(?:export )?(?:const|let|function|class) ([\w{\[ ,]+)", re.MULTILINE)


async def folder_of(desk: Desk) -> str:
    """Return the name that the entry script's imports have in this release."""
    found = IMPORTED.findall((await http(desk, "/widget.js")).body)
    assert len(found) == 1
    return f"/widget/{found[0].decode()}"


async def test_the_entry_script_is_asked_for_again_by_its_etag(desk: Desk) -> None:
    reply = await http(desk, "/widget.js")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.headers["cache-control"] == "no-cache"
    again = await http(desk, "/widget.js", If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    strong = reply.headers["etag"].removeprefix("W/")
    assert (await http(desk, "/widget.js", If_None_Match=f'"other", {strong}')).status == 304
    assert (await http(desk, "/widget.js", If_None_Match='"other"')).status == 200


async def test_the_types_for_a_site_s_scripts_lie_beside_it(desk: Desk) -> None:
    reply = await http(desk, "/helpdesk.d.ts")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.body == (files.WIDGET / "helpdesk.d.ts").read_bytes()
    assert (await http(desk, "/widget/types.d.ts")).status == 404


async def test_what_it_imports_is_named_after_its_contents_and_kept_for_a_year(desk: Desk) -> None:
    folder = await folder_of(desk)
    for name in ("panel.js", "notify.js"):
        reply = await http(desk, f"{folder}/{name}")
        assert reply.status == 200
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.body == (await http(desk, f"/widget/{name}")).body


def test_the_name_changes_with_the_contents_of_any_file(tmp_path: Path) -> None:
    (tmp_path / "widget.js").write_bytes(b"import('widget/')")
    (tmp_path / "texts").mkdir()
    names = set()
    for text in ("one", "two"):
        (tmp_path / "texts" / "en.js").write_text(text)
        entry = files.widget(tmp_path)["/widget.js"].body
        names.update(IMPORTED.findall(entry))
        assert f"/widget/{IMPORTED.findall(entry)[0].decode()}/texts/en.js" in files.widget(
            tmp_path
        )
    assert len(names) == 2


def test_files_are_served_line_for_line_without_indentation_and_comments() -> None:
    for name in ("widget.js", "module.js", "texts/ar.js"):
        source = (files.WIDGET / name).read_text(encoding="utf-8").split("\n")
        entry = files.widget()["/widget.js" if name == "widget.js" else f"/widget/{name}"]
        served = entry.body.decode().split("\n")
        assert len(served) == len(source)
        for line, written in zip(served, source, strict=True):
            comment = written.lstrip().startswith("/**") and written.endswith("*/")
            plain = TYPE.sub("", written.lstrip(" "))
            assert "'widget/" in line or line == ("" if comment else plain)


def test_the_panel_is_one_file_with_all_that_it_needs_at_once() -> None:
    served = files.widget()
    panel = served["/widget/panel.js"].body.decode()
    written = {name: (files.WIDGET / f"{name}.js").read_text(encoding="utf-8") for name in JOINED}
    declared = re.findall(r"\w+", " ".join(DECLARED.findall("\n".join(written.values()))))
    assert sorted(declared) == sorted({*declared})
    assert not re.search(r"^import [^(]", panel, re.MULTILINE)
    assert "from './panel.js';" in served["/widget/notify.js"].body.decode()
    assert not {"/widget/link.js", "/widget/request.js"} & served.keys()
    for source in written.values():
        script = files.STYLES.sub(b"", source.encode()).decode()
        lines = [
            TYPE.sub("", line.strip()) for line in script.split("\n") if "STYLES = `" not in line
        ]
        assert {*panel.split("\n")} >= {line for line in lines if not IN_NO_FILE.match(line)}


async def test_a_page_of_another_release_is_led_to_the_files_of_this_one(desk: Desk) -> None:
    reply = await http(desk, "/widget/0123456789ab/panel.js")
    assert (reply.status, reply.headers["location"]) == (302, "../panel.js")
    assert reply.headers["cache-control"] == "no-store"
    assert (await http(desk, "/widget/0123456789ab/nothing.js")).status == 404


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0", None),
        ("", None),
    ],
)
async def test_a_file_comes_in_the_best_encoding_that_is_accepted(
    desk: Desk, accepted: str, encoding: str | None
) -> None:
    plain = await http(desk, "/widget/panel.js")
    reply = await http(desk, "/widget/panel.js", Accept_Encoding=accepted)
    assert reply.headers.get("content-encoding") == encoding
    assert reply.headers["vary"] == "Accept-Encoding"
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(encoding or "", bytes)
    assert unpack(reply.body) == plain.body
    assert (len(reply.body) < len(plain.body)) == (encoding is not None)


async def test_pages_of_any_origin_may_import_them(desk: Desk) -> None:
    for path in ("/widget.js", "/widget/panel.js", f"{await folder_of(desk)}/panel.js"):
        headers = (await http(desk, path)).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["x-content-type-options"] == "nosniff"


async def test_tests_are_not_served(desk: Desk) -> None:
    assert (await http(desk, "/widget/tests/link.test.js")).status == 404
