"""Replays with a fake clock: pauses, keys and output."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

import pytest

from cli.replay_player import Player, Scene, later, scene_block, scenes
from relay.desk.events import DESK, Author, Millis, Role
from relay.desk.request import HelpRequest, ReadMark, Status, Visit
from relay.store.export_format import ExportedCustomer, MessageLine, RequestLine

ADA, SAM = Author(Role.CUSTOMER, 1, "Ada"), Author(Role.AGENT, 1, "Sam")
FIRST = RequestLine(
    HelpRequest(42, "default", 1),
    ExportedCustomer(1, "default", "key", name="Ada", verified=False),
    Millis(0),
    Visit(),
    ReadMark(),
    ReadMark(),
)


def entry(
    seq: int, seconds: float, by: Author, kind: str, text: str | None = None, *, activity: str = ""
) -> MessageLine:
    at = Millis(int(seconds * 1000))
    return MessageLine(42, seq, at, by, kind, None, text, activity or None)


LOG = [
    entry(1, 0, ADA, "activity", activity="opened"),
    entry(2, 0, DESK, "text", "Welcome!"),
    entry(3, 10, ADA, "text", "Where is my order?\x1b[2J"),
    entry(4, 11, SAM, "activity", activity="claimed"),
    entry(5, 12, SAM, "note", "Known"),
    entry(6, 7212, SAM, "text", "On its way."),
    entry(7, 7211, SAM, "activity", activity="closed"),
]


def played(begin: int = 1, *, notes: bool = False) -> list[Scene]:
    return list(scenes(FIRST, LOG, begin=begin, notes=notes))


def test_notes_are_played_only_if_asked_for() -> None:
    assert [scene.line.seq for scene in played()] == [1, 2, 3, 4, 6, 7]
    assert [scene.line.seq for scene in played(notes=True)] == [1, 2, 3, 4, 5, 6, 7]


def test_what_is_left_out_is_folded_all_the_same() -> None:
    assert [scene.request.status for scene in played(begin=6)] == [Status.ACTIVE, Status.CLOSED]
    assert played(begin=6)[0].request.seq == 6


def test_a_pause_is_cut_to_two_seconds_and_that_is_said() -> None:
    by_seq = {scene.line.seq: scene for scene in played()}
    asked = by_seq[3]
    assert asked.pause == 2.0
    assert asked.typing == pytest.approx(22 / 20)
    assert asked.pause + asked.typing + asked.left_out == pytest.approx(10)
    assert later(asked) == "    ... 10 s later\n"
    assert later(by_seq[6]) == "    ... 2.0 h later\n"
    assert (by_seq[4].pause, later(by_seq[4])) == (1.0, None)


def test_a_clock_that_was_put_back_makes_no_pause() -> None:
    assert played()[-1].pause == played()[-1].typing == 0.0


def test_no_text_obeys_its_author_s_terminal_controls() -> None:
    text = scene_block(played()[2], UTC)
    assert "\x1b" not in text
    assert "Where is my order?" in text


@dataclass
class Rehearsal:
    """A stage on which time passes at once; keys are pressed when they are due."""

    keys: Sequence[tuple[float, str]] = ()
    clock: float = 0.0
    shown: list[tuple[float, str]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def now(self) -> float:
        return self.clock

    def wait(self, seconds: float | None) -> str | None:
        end = None if seconds is None else self.clock + seconds
        if self.keys and (end is None or self.keys[0][0] <= end):
            (self.clock, key), *self.keys = self.keys
            return key
        assert end is not None, "waits for ever"
        self.clock = end
        return None

    def show(self, text: str) -> None:
        self.shown.append((self.clock, text))

    def hint(self, text: str) -> None:
        if text:
            self.hints.append(text)


def times(*keys: tuple[float, str], speed: float = 1.0) -> list[float]:
    """Return when the scenes come if *keys* are pressed at those times."""
    stage = Rehearsal(keys)
    assert Player(stage, speed, UTC).play(played())
    return [round(at, 2) for at, text in stage.shown if not text.startswith("    ...")]


AS_IT_WAS = [0, 0, 3.1, 4.1, 6.65, 6.65]


def test_it_is_played_with_its_pauses() -> None:
    assert times() == AS_IT_WAS
    assert times(speed=4.0) == [round(at / 4, 2) for at in AS_IT_WAS]
    assert times(speed=float("inf")) == [0] * 6


def test_who_types_is_told_meanwhile() -> None:
    stage = Rehearsal()
    Player(stage, 1.0, UTC).play(played())
    assert [hint for hint in stage.hints if "typing" in hint] == [
        "Ada is typing ...",
        "Sam is typing ...",
    ]


def test_a_pause_by_key_lasts_until_the_next() -> None:
    assert times((1.0, " "), (101.0, " ")) == [at + 100 * (at > 1) for at in AS_IT_WAS]


def test_a_step_shows_the_next_scene_and_waits() -> None:
    expected = [0, 0, 1.0, 50.0, 52.55, 52.55]
    assert times((1.0, "s"), (50.0, "s"), (50.0, " ")) == expected


def test_a_skip_leaves_out_one_wait() -> None:
    assert times((1.0, "n"))[2:4] == [1.0, 2.0]


def test_faster_is_twice_as_fast_from_there_on() -> None:
    assert times((1.1, "f"))[2:] == [2.1, 2.6, 3.88, 3.88]


def test_a_key_that_means_nothing_changes_nothing() -> None:
    assert times((1.0, "x"), (2.0, "\x1b")) == AS_IT_WAS


def test_the_viewer_may_end_it() -> None:
    stage = Rehearsal([(1.0, "q")])
    assert not Player(stage, 1.0, UTC).play(played())
    assert len(stage.shown) == 3
