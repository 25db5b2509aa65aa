"""The product's modules: no circles among siblings, no stem twice, reasons for small ones."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.project.small_modules import SHARED_STEMS, SMALL_MODULES
from tests.project.tree import PACKAGES, ROOT, files, listed, name_of, parsed

SMALL = 80

MODULES = [path for path in files(".py", under=PACKAGES) if "migrations" not in path.parts]
PARTS = [path for path in MODULES if not path.stem.startswith("__")]
STARTS = {"cli/main.py", "cli/demo_relay.py", "cli/docs_pages.py"}
"""Modules that no other imports, since an interpreter starts with them."""


def dotted(path: Path) -> str:
    """Return the name under which the module in *path* is imported."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


NAMES = {dotted(path): path for path in MODULES}


def running(node: ast.AST, *, lazily: bool) -> Iterator[ast.AST]:
    """Yield what runs below *node* on import, and what runs later too if *lazily*."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from (each for stmt in child.orelse for each in running(stmt, lazily=lazily))
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not lazily:
                pass
            case _:
                yield child
                yield from running(child, lazily=lazily)


@cache
def imported(path: Path, *, lazily: bool) -> frozenset[str]:
    """Return the product's modules that *path* imports, by their dotted names."""
    found = set[str]()
    for node in running(parsed(path), lazily=lazily):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                inner = {f"{module}.{alias.name}" for alias in names}
                found |= inner & NAMES.keys()
                if inner - NAMES.keys():
                    found.add(module)
    return frozenset(found & NAMES.keys())


def siblings(package: Path) -> dict[str, set[str]]:
    """Return, for each module and package right in *package*, which of the others it imports."""
    start = f"{dotted(package)}."

    def member(name: str) -> str:
        return name.removeprefix(start).partition(".")[0] if name.startswith(start) else "__init__"

    known: dict[str, set[str]] = {}
    for path in MODULES:
        if path.is_relative_to(package):
            names = {name for name in imported(path, lazily=False) if f"{name}.".startswith(start)}
            one = member(dotted(path))
            known.setdefault(one, set()).update({member(name) for name in names} - {one})
    return known


def reached(one: str, known: dict[str, set[str]]) -> set[str]:
    """Return what *one* imports, and what that imports, and so on."""
    found, waiting = set[str](), [one]
    while waiting:
        new = known.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def circles(known: dict[str, set[str]]) -> list[str]:
    """Return the members that reach themselves."""
    return sorted(one for one in known if one in reached(one, known))


def test_siblings_form_no_circle() -> None:
    packages = sorted({path.parent for path in MODULES})
    found = {name_of(package): circles(siblings(package)) for package in packages}
    left = {name: members for name, members in found.items() if members}
    assert not left, listed(left)


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == ["b", "c"]


def test_a_small_module_for_one_importer_has_a_reason() -> None:
    """What only one module uses and fits on two screens mostly belongs into that module."""
    importers = {
        path: [other for other in MODULES if dotted(path) in imported(other, lazily=True)]
        for path in PARTS
    }
    small = {
        name_of(path): name_of(importers[path][0])
        for path in PARTS
        if len(importers[path]) == 1 and len(path.read_text().splitlines()) < SMALL
    }
    new = {name: importer for name, importer in small.items() if name not in SMALL_MODULES}
    hint = "merge each into its importer, or give a reason in tests/project/small_modules.py"
    assert not new, listed(new, hint)
    unused = [name_of(path) for path in PARTS if not importers[path]]
    assert [name for name in unused if name not in STARTS] == [], "no module imports these"
    stale = sorted(SMALL_MODULES.keys() - small.keys())
    assert stale == [], "these need no reason any more"
    assert all(SMALL_MODULES.values())


def test_a_stem_has_one_meaning() -> None:
    """A reader who searches for a file by its name should find one, or several of one kind."""
    places: dict[str, list[str]] = {}
    for path in PARTS:
        places.setdefault(path.stem, []).append(name_of(path))
    twice = {stem: where for stem, where in places.items() if len(where) > 1}
    new = {stem: str(where) for stem, where in twice.items() if stem not in SHARED_STEMS}
    hint = "rename all but one, or give their one meaning in tests/project/small_modules.py"
    assert not new, listed(new, hint)
    assert sorted(SHARED_STEMS.keys() - twice.keys()) == [], "these exist once"
