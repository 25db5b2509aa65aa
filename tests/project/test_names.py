"""Names and first lines: terms of the field, sentences that say what the thing is or does."""

import ast
import re
from collections.abc import Iterator

from tests.project.tree import PACKAGES, files, listed, name_of, parsed, widget_files

RIDDLES = {
    "anybody",
    "anyone",
    "anything",
    "everybody",
    "everyone",
    "how",
    "if",
    "nobody",
    "none",
    "nothing",
    "somebody",
    "someone",
    "something",
    "such",
    "that",
    "there",
    "these",
    "they",
    "this",
    "those",
    "what",
    "whatever",
    "when",
    "whenever",
    "where",
    "whether",
    "which",
    "who",
    "whoever",
    "whom",
    "whose",
    "why",
}
"""Words with which a first line asks or hints, instead of saying what the thing is or does."""

OLD_WORDS = {
    "arrival": "connection or request",
    "courier": "worker",
    "crowd": "keepalive",
    "gate": "limits",
    "greeting": "hello",
    "guest": "connection",
    "house": "connection",
    "ledger": "telemetry",
    "mailbox": "queue",
    "witness": "connection log",
}
"""Names that once meant a dozen things, with the field's terms for them."""

OLD_FUNCTIONS = {"done", "take", "work"}
"""Function names that say nothing; better: handle, receive, pop, on_committed, job, operation."""

NOUNS = {"string", "thing", "typing"}
"""Words that end like a gerund but name a thing; `typing` is a frame of the protocol."""

MODULES = files(".py", under=PACKAGES)

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def definitions(module: ast.Module) -> Iterator[Documented]:
    yield module
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def first_word(docstring: str) -> str:
    return re.split(r"[^\w'`*]", docstring.strip(), maxsplit=1)[0].partition("'")[0].lower()


def riddles(module: ast.Module) -> list[str]:
    """Return the first lines of *module* that begin with a word that asks."""
    said = (ast.get_docstring(node) for node in definitions(module))
    return [text.splitlines()[0] for text in said if text and first_word(text) in RIDDLES]


def words(name: str) -> list[str]:
    """Return the words of *name*, written in either way, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def old_names(module: ast.Module) -> list[str]:
    """Return the definitions in *module*, without tests, under names that the project gave up."""
    named = [
        node
        for node in definitions(module)
        if not isinstance(node, ast.Module) and not node.name.startswith("test_")
    ]
    return [
        f"line {node.lineno}: {node.name}"
        for node in named
        if set(words(node.name)) & OLD_WORDS.keys()
        or (not isinstance(node, ast.ClassDef) and node.name.strip("_") in OLD_FUNCTIONS)
    ]


def test_a_first_line_says_what_the_thing_is_or_does() -> None:
    found = {name_of(path): riddles(parsed(path)) for path in MODULES}
    left = {name: lines for name, lines in found.items() if lines}
    assert not left, listed(left)


def test_a_module_s_first_line_is_a_sentence() -> None:
    said = {name_of(path): ast.get_docstring(parsed(path)) or " " for path in MODULES}
    first = {name: text.splitlines()[0] for name, text in said.items()}
    bad = {name: line for name, line in first.items() if not line.endswith(".")}
    assert not bad, listed(bad)


def test_no_module_is_named_by_a_gerund() -> None:
    paths = [*MODULES, *files(".py", under=("tests", "benchmarks")), *widget_files(".js")]
    last_words = {name_of(path): words(path.stem)[-1] for path in paths if words(path.stem)}
    gerunds = {name: word for name, word in last_words.items() if word.endswith("ing")}
    assert [name for name, word in gerunds.items() if word not in NOUNS] == []


def test_old_names_do_not_come_back() -> None:
    paths = [*MODULES, *files(".py", under=("tests", "benchmarks"))]
    modules = [name_of(path) for path in paths if set(words(path.stem)) & OLD_WORDS.keys()]
    assert modules == []
    found = {name_of(path): old_names(parsed(path)) for path in paths}
    left = {name: lines for name, lines in found.items() if lines}
    assert not left, listed(left)


def test_a_riddle_and_an_old_name_would_be_found() -> None:
    module = ast.parse('"""A."""\nclass CrowdSize:\n    """Who\'s here."""\ndef take(): ...')
    assert riddles(module) == ["Who's here."]
    assert old_names(module) == ["line 2: CrowdSize", "line 4: take"]
