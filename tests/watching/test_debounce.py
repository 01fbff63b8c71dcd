from hypothesis import given
from hypothesis import strategies as st

from tui_runner.watching.debounce import LONGEST_WAIT_S, STORM_LONGEST_WAIT_S, STORM_PATHS, Debouncer


def test_many_changes_become_one_after_a_quiet_moment() -> None:
    debouncer = Debouncer({"api": 0.1})
    debouncer.note("api", "a", 1.0, changed_ns=1)
    debouncer.note("api", "b", 1.05, changed_ns=2)
    debouncer.note("api", "a", 1.06, changed_ns=3)
    assert debouncer.next_due is not None
    assert abs(debouncer.next_due - 1.16) < 1e-9
    assert debouncer.take_due(1.1) == []
    (due,) = debouncer.take_due(1.2)
    assert (due.task, due.changes) == ("api", {"a": 3, "b": 2})
    assert debouncer.next_due is None


def test_tasks_wait_for_themselves_only() -> None:
    debouncer = Debouncer({"fast": 0.05, "slow": 0.5})
    debouncer.note("fast", "a", 1.0)
    debouncer.note("slow", "a", 1.0)
    assert [due.task for due in debouncer.take_due(1.1)] == ["fast"]
    assert [due.task for due in debouncer.take_due(1.6)] == ["slow"]


@given(st.lists(st.floats(0.001, 0.09), min_size=1, max_size=200))
def test_constant_changes_are_told_after_the_longest_wait(steps: list[float]) -> None:
    debouncer = Debouncer({"api": 0.1})
    now = 0.0
    debouncer.note("api", "a", now)
    for step in steps:
        now += step
        debouncer.note("api", "a", now)
        assert debouncer.next_due is not None
        assert debouncer.next_due <= LONGEST_WAIT_S


def test_a_storm_of_paths_is_waited_out() -> None:
    debouncer = Debouncer({"api": 0.05})
    for number in range(STORM_PATHS + 1):
        debouncer.note("api", f"{number}", 2.0 * number / STORM_PATHS)
    assert debouncer.take_due(2.1) == []
    assert len(debouncer.take_due(2.5)) == 1
    debouncer.note("api", "x", 3.0)
    assert debouncer.next_due is not None
    assert debouncer.next_due < 3.1
    for number in range(50_000):
        debouncer.note("api", f"{number}", 3.0 + number / 1000)
    assert debouncer.next_due <= 3.0 + STORM_LONGEST_WAIT_S
