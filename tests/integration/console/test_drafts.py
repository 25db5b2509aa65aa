"""What is unsent, on a real disk."""

from pathlib import Path

import pytest

from helpdesk_tui.drafts import Drafts
from helpdesk_tui.model.outbox import Unsent

UNSENT = Unsent("r1", 7, "on its way")


def drafts(state_dir: Path, url: str = "ws://a", agent: int = 1, epoch: str = "e1") -> Drafts:
    new = Drafts(state_dir, url, agent, epoch)
    new.load()
    return new


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    drafts(tmp_path).save(7, "half\nan answer", (UNSENT,))
    assert drafts(tmp_path).load() == ({7: "half\nan answer"}, (UNSENT,))


def test_nothing_unsent_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    drafts(tmp_path).save(7, "half", ())
    drafts(tmp_path).save(7, "", ())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("other", [{"url": "ws://b"}, {"agent": 2}, {"epoch": "e2"}])
def test_another_relay_agent_or_epoch_has_drafts_of_its_own(
    tmp_path: Path, other: dict[str, object]
) -> None:
    drafts(tmp_path).save(7, "half", ())
    found = Drafts(tmp_path, **({"url": "ws://a", "agent": 1, "epoch": "e1"} | other))  # type: ignore[arg-type]
    assert found.load() == ({}, ())


def test_a_file_that_cannot_be_understood_is_put_aside_and_kept(tmp_path: Path) -> None:
    drafts(tmp_path).save(7, "half", ())
    [path] = tmp_path.rglob("*.json")
    path.write_text("{")
    assert drafts(tmp_path).load() == ({}, ())
    assert path.with_suffix(".unreadable").read_text() == "{"
