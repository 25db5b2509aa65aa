"""docs/security.md lists every limit with its default."""

import re

from relay.settings import Settings
from tests.project.tree import ROOT

PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| `(\w+)` \| `([\d.]+)` \|", re.MULTILINE)


def test_the_page_has_every_limit_with_its_default() -> None:
    told = dict(ROW.findall(PAGE.read_text()))
    limits = {
        name: str(field.default)
        for name, field in Settings.model_fields.items()
        if "0 for no limit" in str(field.metadata)
    }
    assert told == limits
