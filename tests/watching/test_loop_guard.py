import pytest

from tui_runner.watching.loop_guard import MOST_ALIKE, MOST_RESTARTS, MOST_SOON, PAUSE_S, LoopGuard


def muted(guard: LoopGuard, path: str, now: float, task: str = "api") -> bool:
    return guard.is_muted(task, path, now)


def test_a_task_that_writes_while_it_starts_is_told_after_three_starts_and_only_that_file_is_muted() -> None:
    guard = LoopGuard()
    told = [guard.restarted("api", (f"other{now}", "gen.py"), now / 5, early_s=0.02) for now in range(MOST_SOON)]
    assert told[:-1] == [None] * (MOST_SOON - 1)
    assert told[-1] is not None
    assert (told[-1].path, told[-1].whole_task) == ("gen.py", False)
    assert muted(guard, "gen.py", 1.0)
    assert not muted(guard, "a.py", 1.0)
    assert not muted(guard, "gen.py", 1.0, "web")


def test_a_long_build_that_writes_at_its_end_is_told_after_some_runs() -> None:
    guard = LoopGuard()
    ages = [10.0, 10.3, 9.9, 10.1, 10.0]
    told = [guard.restarted("api", ("gen.py",), 11.0 * now, early_s=age) for now, age in enumerate(ages)]
    assert [one is not None for one in told] == [False] * (MOST_ALIKE - 1) + [True]


def test_a_task_that_writes_another_file_at_each_start_is_paused_as_a_whole() -> None:
    guard = LoopGuard()
    told = [guard.restarted("api", (f"out/{now}.js",), now / 5, early_s=0.1) for now in range(MOST_ALIKE)]
    assert told[-1] is not None
    assert told[-1].whole_task
    assert muted(guard, "any", 2.0)


@pytest.mark.parametrize(
    "ages",
    [
        [0.05, None, 0.05, None, 0.05, 0.05],
        [3.0, 8.0, 1.5, 6.0, 2.2, 20.0, 4.0],
        [0.4, 2.0, 0.3, 5.0, 0.2, 9.0],
    ],
    ids=["up in between", "whenever", "sometimes soon"],
)
def test_a_person_who_saves_while_a_task_comes_up_is_no_loop(ages: list[float | None]) -> None:
    guard = LoopGuard()
    assert all(guard.restarted("api", ("a.py",), 20.0 * now, early_s=age) is None for now, age in enumerate(ages))


def test_a_file_that_changes_very_often_is_told() -> None:
    guard = LoopGuard()
    told = [guard.restarted("api", ("other", "log"), now / 4) for now in range(MOST_RESTARTS)]
    assert [one is not None for one in told] == [False] * (MOST_RESTARTS - 1) + [True]


def test_a_pause_ends_after_quiet_and_lasts_longer_with_every_change() -> None:
    guard = LoopGuard()
    guard.mute("api", "gen.py", 0.0)
    assert muted(guard, "gen.py", PAUSE_S - 1)
    assert muted(guard, "gen.py", 2 * PAUSE_S - 2)
    assert not muted(guard, "gen.py", 4 * PAUSE_S)


def test_a_person_who_saves_often_is_not_paused() -> None:
    guard = LoopGuard()
    assert all(guard.restarted("api", ("a.py",), now * 0.6) is None for now in range(100))
    assert all(guard.restarted("web", (f"{now}.py",), now * 0.1) is None for now in range(100))
