"""Text of users is only displayed as text, in the widget and in the console."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.project.tree import files, name_of, widget_files

MAKES_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|parseFromString|createContextualFragment"
    r"|srcdoc|document\.write|\beval\(|new Function|setAttribute\(\s*[\"'`]on"
)

WIDGET = widget_files(".js", ".html")
CONSOLE = files(".py", under=("helpdesk_tui",))

# Textual reads the text given to these as markup, unless it is told not to.
READS_MARKUP = {"notify", "Static", "Label"}
MAKES_CONTENT = {"from_markup", "render_markup", "to_content"}


def test_the_widget_makes_no_markup_from_text() -> None:
    assert WIDGET
    makers = {name_of(path): MAKES_MARKUP.findall(path.read_text()) for path in WIDGET}
    assert {name: found for name, found in makers.items() if found} == {}


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def markup_from_data(source: str) -> Iterator[str]:
    """Yield the calls that read as markup what is not a literal of our own."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        ours = all(isinstance(argument, ast.Constant) for argument in node.args)
        plain = any(
            keyword.arg == "markup" and ast.unparse(keyword.value) == "False"
            for keyword in node.keywords
        )
        name = called(node)
        if name in MAKES_CONTENT or (name in READS_MARKUP and not ours and not plain):
            yield f"line {node.lineno}: {name}"


def test_the_console_reads_no_markup_from_text() -> None:
    readers = {name_of(path): list(markup_from_data(path.read_text())) for path in CONSOLE}
    assert {name: calls for name, calls in readers.items() if calls} == {}


@pytest.mark.parametrize(
    "source",
    [
        "app.notify(name)",
        "Static(f'{name}')",
        "Label(name, markup=True)",
        "Text.from_markup('[b]')",
    ],
)
def test_markup_from_data_would_be_found(source: str) -> None:
    assert list(markup_from_data(source))


@pytest.mark.parametrize("source", ["app.notify('Sent.')", "Static(name, markup=False)"])
def test_our_own_words_and_plain_text_are_fine(source: str) -> None:
    assert not list(markup_from_data(source))
