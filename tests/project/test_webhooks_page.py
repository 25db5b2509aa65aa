"""The page of the webhooks: its snippets verify signatures, its tables match the code."""

import base64
import hashlib
import hmac
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from relay.settings.model import EVENTS
from relay.webhooks.http_post import MEANINGS
from relay.webhooks.schedule import MAX_TRIES, retry_delay
from tests.project.tree import ROOT

PAGE = (ROOT / "docs" / "webhooks.md").read_text()
KEY = b"0123456789abcdef0123456789abcdef"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
BODY = '{"type":"message","text":"Grüße"}'.encode()
CALL = """
import {{ readFileSync }} from "node:fs";
const [secret, headers] = JSON.parse(process.argv[2]);
process.stdout.write(String(isGenuine(secret, headers, readFileSync(0))));
"""

IsGenuine = Callable[[str, dict[str, str], bytes], bool]


def snippet(language: str) -> str:
    """Return the page's one piece of code in *language*."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def rows(heading: str) -> dict[str, str]:
    """Return the rows of the table under *heading*."""
    _, _, rest = PAGE.partition(f"\n{heading}\n")
    table, _, _ = rest.partition("\n\n")
    lines = (line.strip("| ").partition(" | ") for line in table.splitlines()[1:])
    return {first: second for first, _, second in lines}


def python_s() -> IsGenuine:
    names: dict[str, IsGenuine] = {}
    exec(snippet("python"), names)
    return names["is_genuine"]


def node_s(folder: Path) -> IsGenuine:
    script = folder / "check.mjs"
    script.write_text(snippet("js") + CALL.format())

    def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
        command = ["node", str(script), json.dumps([secret, headers])]
        done = subprocess.run(command, input=body, capture_output=True, check=True)
        return {b"true": True, b"false": False}[done.stdout]

    return is_genuine


def signed(at: float, key: bytes = KEY) -> dict[str, str]:
    digest = hmac.new(key, f"e:7.{int(at)}.".encode() + BODY, hashlib.sha256).digest()
    return {
        "webhook-id": "e:7",
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{'A' * 43}= v1,{base64.b64encode(digest).decode()}",
    }


@pytest.mark.parametrize("language", ["python", "node"])
def test_a_snippet_takes_what_is_genuine_and_nothing_else(language: str, tmp_path: Path) -> None:
    is_genuine = python_s() if language == "python" else node_s(tmp_path)
    now = time.time()
    good = signed(now)
    assert is_genuine(SECRET, good, BODY)
    assert not is_genuine(SECRET, good, BODY + b" ")
    assert not is_genuine(SECRET, signed(now, b"x" * 32), BODY)
    assert not is_genuine(SECRET, signed(now - 400), BODY)
    assert not is_genuine(SECRET, good | {"webhook-signature": "v1, v1a,x"}, BODY)


def test_the_pauses_are_those_of_the_schedule() -> None:
    def seconds(said: str) -> float | None:
        units = {"h": 3600, "min": 60, "s": 1}
        parts = re.findall(r"(\d+) (h|min|s)\b", said)
        return sum(int(count) * units[unit] for count, unit in parts) if parts else None

    said = rows("| failed tries | pause |")
    assert {int(tries): seconds(words) for tries, words in said.items()} == {
        tries: retry_delay(tries) for tries in range(1, MAX_TRIES + 1)
    }


def test_outcomes_and_events_are_all_there() -> None:
    told = rows("| outcome | what it means |")
    assert told == {f"`{outcome}`": meaning for outcome, meaning in MEANINGS.items()}
    named = re.findall(r"`(\w+)`", " ".join(rows("| event | when |")))
    assert sorted(named) == sorted(EVENTS)
