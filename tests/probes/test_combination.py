"""What several probes mean together: pure, with times given."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.probe import AllOf, AnyOf, Asking, Delay, FileExists, LogSubstring, Probe, leaves_of
from tui_runner.probes.combination import Combination, Holds, Hopeless, Open

LINE = LogSubstring(text="ready")
A = FileExists(path="a")
B = FileExists(path="b")


def all_of(*probes: Probe, settle_s: float = 0.0) -> AllOf:
    return AllOf(probes=probes, settle_s=settle_s)


def any_of(*probes: Probe, settle_s: float = 0.0) -> AnyOf:
    return AnyOf(probes=probes, settle_s=settle_s)


def watched(probe: Probe) -> Combination:
    return Combination(probe, begun_s=0.0)


def test_all_of_waits_for_the_last() -> None:
    both = watched(all_of(A, LINE))
    both.tell(1, 1, holds=True)
    assert both.look(1) == Open()
    both.tell(0, 2, holds=True)
    assert both.look(2) == Holds()


def test_all_of_wants_all_at_the_same_time() -> None:
    both = watched(all_of(A, B))
    both.tell(0, 1, holds=True)
    both.tell(0, 2, holds=False)
    both.tell(1, 3, holds=True)
    assert both.look(3) == Open()
    both.tell(0, 4, holds=True)
    assert both.look(4) == Holds()


def test_what_was_printed_is_not_taken_back() -> None:
    both = watched(all_of(LINE, A))
    both.tell(0, 1, holds=True)
    both.tell(0, 2, holds=False)
    both.tell(1, 3, holds=True)
    assert both.look(3) == Holds()


def test_any_of_is_content_with_the_first() -> None:
    either = watched(any_of(A, LINE))
    either.tell(0, 1, holds=False)
    assert either.look(1) == Open()
    either.tell(1, 2, holds=True)
    assert either.look(2) == Holds()


def test_a_delay_comes_true_by_itself_and_says_when() -> None:
    both = watched(all_of(Delay(seconds=5), LINE))
    both.tell(1, 1, holds=True)
    assert both.look(1) == Open(again_s=5)
    assert both.look(5) == Holds()


def test_a_line_settles_by_itself() -> None:
    line = watched(LogSubstring(text="ready", settle_s=2))
    line.tell(0, 10, holds=True)
    assert line.look(10) == Open(again_s=12)
    assert line.look(12) == Holds()


def test_what_has_to_be_asked_settles_only_when_a_later_answer_was_good() -> None:
    file = watched(FileExists(path="a", settle_s=2))
    file.tell(0, 1, holds=True)
    assert file.look(9) == Open()
    file.tell(0, 2.5, holds=True)
    assert file.look(2.5) == Open(again_s=3)
    file.tell(0, 3, holds=True)
    assert file.look(3) == Holds()


def test_a_bad_answer_begins_the_settling_anew() -> None:
    file = watched(FileExists(path="a", settle_s=2))
    for at, holds in ((1, True), (2, False), (2.5, True), (4, True)):
        file.tell(0, at, holds=holds)
    assert isinstance(file.look(4), Open)
    file.tell(0, 4.5, holds=True)
    assert file.look(4.5) == Holds()


def test_a_group_settles_though_its_parts_take_turns() -> None:
    either = watched(any_of(A, B, settle_s=3))
    for leaf, at, holds in ((0, 1, True), (1, 2, True), (0, 3, False), (1, 4, True)):
        either.tell(leaf, at, holds=holds)
    assert either.look(4) == Holds()


def test_a_group_that_broke_between_two_looks_begins_anew() -> None:
    either = watched(any_of(A, B, settle_s=3))
    for leaf, at, holds in ((0, 1, True), (0, 2, False), (1, 2.1, True), (1, 4.5, True)):
        either.tell(leaf, at, holds=holds)
    assert isinstance(either.look(4.5), Open)


def test_all_of_is_hopeless_with_one_any_of_with_all() -> None:
    every, some = watched(all_of(LINE, A)), watched(any_of(LINE, A))
    for combined in (every, some):
        combined.give_up(0, "the function raised")
    assert every.look(1) == Hopeless(message="the function raised")
    assert some.look(1) == Open()
    some.give_up(1, "no such program")
    assert some.look(2) == Hopeless(message="the function raised")


def test_what_settles_is_asked_again_in_time() -> None:
    combined = watched(all_of(FileExists(path="a", settle_s=2), any_of(B, LINE, settle_s=1), settle_s=5))
    assert [combined.patience_s(leaf) for leaf in range(3)] == [2, 1, 1]
    assert watched(all_of(A, B)).patience_s(0) == float("inf")


LEAVES: st.SearchStrategy[Probe] = st.sampled_from([LINE, A, B, Delay(seconds=3)])


def groups(parts: st.SearchStrategy[Probe]) -> st.SearchStrategy[Probe]:
    some = st.lists(parts, min_size=1, max_size=3).map(tuple)
    every: st.SearchStrategy[Probe] = some.map(lambda probes: AllOf(probes=probes))
    return every | some.map(lambda probes: AnyOf(probes=probes))


TREES: st.SearchStrategy[Probe] = st.recursive(LEAVES, groups, max_leaves=6)
NEWS = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.floats(0.01, 2)), max_size=20)


def truth(probe: Probe, holds: Callable[[], bool]) -> bool:
    """What a tree of and and or means; `holds` is asked once per leaf, in order."""
    if isinstance(probe, AllOf | AnyOf):
        parts = [truth(part, holds) for part in probe.probes]
        return all(parts) if isinstance(probe, AllOf) else any(parts)
    return holds()


@given(TREES, NEWS)
def test_without_settling_it_is_and_and_or_of_the_latest_answers(
    probe: Probe, news: list[tuple[int, bool, float]]
) -> None:
    leaves = list(leaves_of(probe))
    combined = watched(probe)
    latest = [False] * len(leaves)
    now = 0.0
    for number, holds, later in news:
        now += later
        leaf = number % len(leaves)
        if isinstance(leaves[leaf], Delay):
            continue
        combined.tell(leaf, now, holds=holds)
        latest[leaf] = holds if isinstance(leaves[leaf], Asking) else latest[leaf] or holds
        answers = iter(
            now >= told.seconds if isinstance(told, Delay) else known
            for told, known in zip(leaves, latest, strict=True)
        )
        assert isinstance(combined.look(now), Holds) == truth(probe, lambda a=answers: next(a))  # type: ignore[misc]


@given(st.floats(0.1, 3), st.lists(st.tuples(st.booleans(), st.floats(0.01, 1)), min_size=1, max_size=20))
@pytest.mark.parametrize("group", [all_of, any_of])
def test_nothing_counts_before_it_was_good_for_as_long_as_it_has_to_settle(
    group: Callable[..., Probe], settle_s: float, news: list[tuple[bool, float]]
) -> None:
    combined = watched(group(A, settle_s=settle_s))
    now, good_since = 0.0, None
    for holds, later in news:
        now += later
        combined.tell(0, now, holds=holds)
        good_since = (now if good_since is None else good_since) if holds else None
        settled = good_since is not None and now >= good_since + settle_s
        assert isinstance(combined.look(now), Holds) == settled
