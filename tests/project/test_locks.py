"""The lock files: complete, consistent with each other, without the address of a registry."""

import json
import re
import tomllib
from pathlib import Path

from tests.project.tree import ROOT, name_of

RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
PEERS = ROOT / "benchmarks" / "peers" / "requirements.lock"
NPM = [ROOT / folder / "package-lock.json" for folder in ("web_widget", "benchmarks/peers")]
SET_UP = [
    RUNTIME,
    DEVELOPMENT,
    PEERS,
    *NPM,
    ROOT / "run",
    ROOT / ".ci/run",
    ROOT / "pyproject.toml",
]

ADDRESS = re.compile(r"https?://[^\s\"']+")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    return dict(PIN.findall(lock.read_text()))


def required(entries: list[str]) -> set[str]:
    names = (re.match(r"[A-Za-z0-9_.-]+", entry) for entry in entries)
    return {name[0].lower().replace("_", "-") for name in names if name}


def addresses(path: Path) -> list[str]:
    text = path.read_text()
    if path in NPM:
        # What a package says of its sponsors is no place to fetch it from.
        text = re.sub(r'"(funding|url|type)": .*', "", text)
    return ADDRESS.findall(text)


def test_no_registry_is_named() -> None:
    """Where packages come from is the machine's business: its configuration says so."""
    named = {name_of(path): addresses(path) for path in SET_UP}
    assert {name: found for name, found in named.items() if found} == {}


def test_every_pin_has_its_hashes() -> None:
    for lock in (RUNTIME, DEVELOPMENT, PEERS):
        entries = re.split(r"\n(?=[a-z0-9-]+==)", lock.read_text())[1:]
        assert entries, lock
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_npm_package_has_its_hash() -> None:
    for lock in NPM:
        packages = json.loads(lock.read_text())["packages"]
        assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_the_tests_run_on_the_versions_that_people_run() -> None:
    assert pins(RUNTIME).items() <= pins(DEVELOPMENT).items()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    runtime = required(project["project"]["dependencies"]) | required(groups["build"])
    development = required([entry for entry in groups["dev"] if isinstance(entry, str)])
    assert runtime <= pins(RUNTIME).keys()
    assert runtime | development <= pins(DEVELOPMENT).keys()
