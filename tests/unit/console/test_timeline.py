"""A timeline is the same whatever way its messages came in, and knows what it lacks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_tui.model.objects import Message
from helpdesk_tui.model.timeline import Timeline


def message(seq: int) -> Message:
    return Message(seq, "text", "customer", None, "Ada", f"line {seq}", None)


def timeline(*seqs: int) -> Timeline:
    new = Timeline()
    new.add(map(message, seqs))
    return new


@settings(max_examples=40)
@given(st.lists(st.integers(1, 60)))
def test_order_and_duplicates_do_not_matter(seqs: list[int]) -> None:
    assert timeline(*seqs).messages == [message(seq) for seq in sorted(set(seqs))]


@settings(max_examples=40)
@given(st.sets(st.integers(1, 60), min_size=1))
def test_the_newest_gap_ends_where_the_last_unbroken_run_begins(seqs: set[int]) -> None:
    runs = [seq for seq in sorted(seqs) if seq - 1 not in seqs]
    assert timeline(*seqs).gap == (runs[-1] if len(runs) > 1 else None)


@settings(max_examples=40)
@given(st.sets(st.integers(1, 60), min_size=1))
def test_it_resumes_after_the_end_of_the_first_unbroken_run(seqs: set[int]) -> None:
    ends = [seq for seq in sorted(seqs) if seq + 1 not in seqs]
    assert timeline(*seqs).complete_up_to == ends[0]


def test_an_empty_one_has_nothing_to_resume_after() -> None:
    assert timeline().complete_up_to is None
    assert timeline().gap is None
    assert (timeline().first, timeline().last) == (0, 0)


def test_it_has_all_after_a_mark_only_if_none_is_missing() -> None:
    known = timeline(1, 2, 5, 6)
    assert known.has_all_after(4, 6)
    assert known.has_all_after(6, 6)
    assert not known.has_all_after(2, 6)
    assert not known.has_all_after(4, 7)
