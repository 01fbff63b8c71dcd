from hypothesis import given
from hypothesis import strategies as st

from tui_runner.process.leaving import LeaveOrder


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Tasks that need only tasks before them, and sometimes one that is not up."""
    count = draw(st.integers(0, 8))
    return {
        f"t{n}": tuple(draw(st.lists(st.sampled_from([f"t{m}" for m in range(n)] + ["absent"]), max_size=4)))
        for n in range(count)
    }


@given(graphs(), st.randoms(use_true_random=False))
def test_everything_leaves_once_and_after_all_that_needs_it(needs: dict[str, tuple[str, ...]], chance: object) -> None:
    order = LeaveOrder(needs)
    may_leave = order.frontier()
    left: list[str] = []
    while may_leave:
        task = may_leave.pop(getattr(chance, "randrange")(len(may_leave)))  # noqa: B009 - Hypothesis has no public type
        assert all(task not in needs[other] for other in needs if other not in left)
        left.append(task)
        may_leave += order.gone(task)
    assert sorted(left) == sorted(needs)
    assert order.remaining() == []


def test_independent_branches_may_leave_together() -> None:
    order = LeaveOrder({"db": (), "api": ("db",), "worker": ("db",)})
    assert order.frontier() == ["api", "worker"]
    assert order.gone("api") == []
    assert order.gone("worker") == ["db"]


def test_a_task_may_go_before_its_turn() -> None:
    order = LeaveOrder({"db": (), "api": ("db",)})
    assert order.gone("db") == []
    assert order.gone("api") == []
    assert order.remaining() == []
