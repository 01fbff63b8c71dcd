"""What a task uses between two looks at its processes."""

import pytest

from tui_runner.model.usage import TaskUsage
from tui_runner.process.sampling import ProcessSample
from tui_runner.supervisor.usage_meter import UsageMeter


def process(
    pid: int, cpu_s: float, *, parent: int = 1, reaped_s: float = 0.0, started: float = 0.0, rss: int = 1000
) -> ProcessSample:
    return ProcessSample(pid=pid, parent=parent, session=10, cpu_s=cpu_s, rss=rss, reaped_s=reaped_s, started=started)


def percent_after(before: list[ProcessSample], after: list[ProcessSample]) -> float:
    meter = UsageMeter()
    meter.take({"api": before}, 100.0)
    meter.take({"api": after}, 102.0)
    return meter.usages["api"].cpu_percent


def test_the_first_look_tells_memory_and_no_time() -> None:
    meter = UsageMeter()
    told = meter.take({"api": [process(10, 5.0), process(11, 1.0, rss=500)]}, 100.0)
    assert told == (TaskUsage(task="api", cpu_percent=0.0, rss=1500, processes=2),)


def test_two_busy_processes_use_two_cores() -> None:
    assert percent_after([process(10, 5.0), process(11, 1.0)], [process(10, 7.0), process(11, 3.0)]) == 200.0


def test_a_child_that_came_and_went_in_between_counts() -> None:
    assert percent_after([process(10, 5.0)], [process(10, 5.0, reaped_s=1.0)]) == 50.0


def test_a_long_lived_child_that_is_reaped_is_not_counted_twice() -> None:
    before = [process(10, 5.0), process(11, 90.0, parent=10), process(12, 30.0, parent=11)]
    assert percent_after(before, [process(10, 5.0, reaped_s=121.0)]) == 50.0


def test_a_process_that_is_reaped_outside_of_the_task_does_not_hide_what_others_use() -> None:
    before = [process(10, 5.0), process(50, 90.0, parent=1)]
    assert percent_after(before, [process(10, 6.0)]) == 50.0


def test_a_process_id_that_is_used_again_is_another_process() -> None:
    before = [process(10, 5.0), process(11, 90.0, parent=10)]
    again = [process(10, 5.0, reaped_s=90.0), process(11, 1.0, parent=10, started=7.0)]
    assert percent_after(before, again) == 50.0


def test_a_circle_of_parents_ends() -> None:
    assert percent_after([process(10, 1.0, parent=11), process(11, 1.0, parent=10)], [process(12, 1.0)]) == 50.0


def test_only_what_looks_different_is_told_and_a_task_that_ends_is_told_once() -> None:
    meter = UsageMeter()
    meter.take({"api": [process(10, 5.0, rss=400_100_000)], "db": [process(20, 5.0)]}, 100.0)
    assert meter.take({"api": [process(10, 5.0, rss=400_200_000)], "db": [process(20, 5.0)]}, 101.0) == ()
    told = meter.take({"api": [process(10, 5.5, rss=400_200_000)]}, 102.0)
    assert [(usage.task, usage.cpu_percent, usage.processes) for usage in told] == [("api", 50.0, 1), ("db", 0.0, 0)]
    assert [usage.cpu_percent for usage in meter.take({"api": [process(10, 5.5)]}, 103.0)] == [0.0]
    assert "db" not in meter.usages


@pytest.mark.parametrize("later", [100.0, 99.0])
def test_a_clock_that_stands_still_means_no_time(later: float) -> None:
    meter = UsageMeter()
    meter.take({"api": [process(10, 5.0)]}, 100.0)
    meter.take({"api": [process(10, 7.0)]}, later)
    assert meter.usages["api"].cpu_percent == 0.0
