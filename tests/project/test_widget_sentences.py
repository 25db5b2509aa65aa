"""Every activity and every refusal that a customer can see has a sentence in each language."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from relay.desk.events import EVENT_TYPES
from relay.errors import Code

ROOT = Path(__file__).parents[2]
RETRIED = {Code.RATE_LIMITED, Code.UNAVAILABLE}
"""Codes of frames that the widget sends again by itself."""
OWN_CODES = ("too_large",)
"""Codes of the widget for a text that it does not send."""
ENGLISH = "The relay's sentence"
DESCRIBE = """
const [activities, codes, names] = JSON.parse(process.argv[1]);
const { describe } = await import('./web_widget/log.js');
const { statusText } = await import('./web_widget/request.js');
const said = {};
for (const name of names) {
  const { default: texts } = await import(`./web_widget/texts/${name}.js`);
  said[name] = [
    ...activities.map(([activity, role]) => describe(texts, {
      kind: 'activity', activity, by: { role, name: 'Sam' }, text: "The relay's sentence" })[0]),
    ...codes.map((code) => statusText.reasonOf(texts, code))];
}
console.log(JSON.stringify(said));
"""


def test_no_activity_and_no_refusal_is_shown_in_another_language() -> None:
    activities = [
        (event.activity, str(role))
        for event in EVENT_TYPES
        if event.kind == "activity" and event.seen_by_customers
        for role in sorted(event.roles)
    ]
    codes = [*sorted(set(Code) - RETRIED), *OWN_CODES]
    names = sorted(file.stem for file in (ROOT / "web_widget" / "texts").glob("*.js"))
    command = [
        "node",
        "--input-type=module",
        "-e",
        DESCRIBE,
        json.dumps([activities, codes, names]),
    ]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    said: dict[str, list[str]] = json.loads(run.stdout)
    assert len(activities) > 6
    for name, sentences in said.items():
        assert len(sentences) == len(activities) + len(codes)
        for sentence, english in zip(sentences, said["en"], strict=True):
            assert sentence.strip()
            assert ENGLISH not in sentence
            assert name == "en" or sentence != english
            assert name not in {"ar", "ja"} or re.search(r"[\u0600-\u06ff\u3040-\u9fff]", sentence)
