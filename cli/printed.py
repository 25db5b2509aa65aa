"""Requests as one page of HTML, fit to print: no script, nothing loaded, all text escaped. Pure."""

from collections.abc import Iterator
from html import escape

from cli.transcripts import Lines, Names, facts, title, when, who, words
from helpdesk_tui.safety import clean, clean_line
from relay.store.lines import MessageLine, RequestLine

HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Help requests</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1f; background: #fff; }
section { margin-bottom: 4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
article { border-left: .25rem solid #767680; padding-left: .75rem; margin: 1rem 0; }
article.agent { border-color: #1d5fbf; }
article.note { border-color: #8a6100; background: #fff6df; }
article.activity { border: 0; color: #55555d; }
article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
article h3 { font-size: 1rem; margin: 0; }
time { font-weight: normal; color: #55555d; }
@media print { body { max-width: none; margin: 0; } article { break-inside: avoid; }
  section { break-after: page; } section:last-child { break-after: auto; } }
</style>
</head>
<body>
"""
FOOT = "</body>\n</html>\n"


def page(lines: Lines, names: Names) -> Iterator[str]:
    """Yield the page of *lines*, a section for each request."""
    yield HEAD
    end = ""
    for line in lines:
        if isinstance(line, RequestLine):
            yield end + _opening(line, names)
            end = "</section>\n"
        else:
            yield _message(line)
    yield end + FOOT


def _opening(line: RequestLine, names: Names) -> str:
    known = "".join(
        f"<dt>{name}</dt><dd>{_shown(value)}</dd>\n" for name, value in facts(line, names)
    )
    return f"<section>\n<h2>{_shown(title(line))}</h2>\n<dl>\n{known}</dl>\n"


def _message(line: MessageLine) -> str:
    time = f"<time>{when(line)}</time>"
    if line.activity:
        said = _shown(clean_line(words(line), 1200))
        return f'<article class="activity"><p dir="auto">{said} {time}</p></article>\n'
    kind = "note" if line.kind == "note" else line.by.role
    note = " (note)" if line.kind == "note" else ""
    return (
        f'<article class="{kind}"><h3>{_shown(who(line.by))}{note} {time}</h3>'
        f'<p dir="auto">{_shown(clean(words(line)))}</p></article>\n'
    )


def _shown(said: str) -> str:
    return escape(said, quote=True)
