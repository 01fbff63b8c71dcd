"""What a task said last, from the result: its log file and the lines at its end, with records and without."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from rig import Rig, error_of, python, serving, stats_of

from tui_runner import RunStats, command, pipeline, task

pytestmark = pytest.mark.real

BOTH = pytest.mark.parametrize("records", [True, False], ids=["records", "no-records"])


@BOTH
async def test_the_last_lines_of_a_failed_task_lead_from_its_error(rig: Rig, records: bool) -> None:
    bad = task("bad", run="echo starting; echo 'ValueError: no' >&2; exit 3")
    result = await rig.run([pipeline([bad]).to_task("outer")], records=records)
    name = error_of(result).task_name
    assert name is not None
    assert result.stats.task(name).last_lines() == ("starting", "ValueError: no")


@BOTH
async def test_so_many_lines_as_wanted_are_told(rig: Rig, records: bool) -> None:
    result = await rig.run([task("t", run="for n in 1 2 3 4 5; do echo $n; done")], records=records)
    stats = stats_of(result, "t")
    assert stats.last_lines() == ("1", "2", "3", "4", "5")
    assert stats.last_lines(2) == ("4", "5")
    assert stats.last_lines(0) == ()


@BOTH
async def test_colours_are_taken_out_and_a_progress_bar_is_one_line(rig: Rig, records: bool) -> None:
    says = r"printf '\033[1;31mred\033[0m\n 10 %%\r100 %%\nend\n'"
    result = await rig.run([task("t", run=says)], records=records)
    assert stats_of(result, "t").last_lines() == ("red", "100 %", "end")


@BOTH
async def test_a_talkative_teardown_does_not_hide_what_the_task_said_last(rig: Rig, records: bool) -> None:
    loud = "for n in $(seq 200); do echo removing $n; done"
    result = await rig.run([task("t", run=command("echo boom; exit 1", teardown=loud))], records=records)
    assert stats_of(result, "t").last_lines() == ("boom",)


@BOTH
async def test_lines_of_every_try_are_there_with_what_we_say_between_them(rig: Rig, records: bool) -> None:
    from tui_runner import retry

    flaky = command("echo try; false", retry=retry(attempts=2, delay=0))
    lines = stats_of(await rig.run([task("t", run=flaky)], records=records), "t").last_lines()
    assert (lines[0], lines[-1]) == ("try", "try")
    assert "attempt 2" in lines[1]


@BOTH
async def test_a_task_that_said_nothing_has_no_lines(rig: Rig, records: bool) -> None:
    result = await rig.run([task("t", run="true"), pipeline([]).to_task("empty")], records=records)
    stats = stats_of(result, "t")
    assert (stats.log_file, stats.tail, stats.last_lines()) == (None, (), ())
    assert stats_of(result, "empty").last_lines() == ()


async def test_with_records_the_file_has_everything_and_the_result_holds_nothing(rig: Rig) -> None:
    result = await rig.run([task("t", run="seq 100000")], records=True)
    stats = stats_of(result, "t")
    assert stats.log_file is not None
    assert Path(stats.log_file).read_text().count("\n") == 100_000  # noqa: ASYNC240 - half a megabyte
    assert stats.tail == ()
    assert stats.last_lines(50_000)[0] == "50001"


async def test_without_records_the_result_holds_a_bounded_end(rig: Rig) -> None:
    result = await rig.run([task("t", run="seq 100000")], records=False)
    stats = stats_of(result, "t")
    assert stats.log_file is None
    assert stats.last_lines(3) == ("99998", "99999", "100000")
    assert 1000 <= len(stats.last_lines(100_000)) == len(stats.tail)
    assert sum(map(len, stats.tail)) < 16 << 10
    assert "99999" in msgspec.json.encode(result.stats).decode()


async def test_a_log_that_was_removed_has_no_lines(rig: Rig) -> None:
    result = await rig.run([task("t", run="echo hello")], records=True)
    stats = stats_of(result, "t")
    assert stats.log_file is not None
    Path(stats.log_file).unlink()  # noqa: ASYNC240 - a tiny file
    assert stats.last_lines() == ()


async def test_when_the_disk_refuses_the_lines_come_from_memory(rig: Rig) -> None:
    spoils = "logs=$(echo .tui_runner/runs/*/logs); rmdir $logs && touch $logs; echo said; echo last"
    result = await rig.run([task("t", run=spoils)], records=True)
    lines = stats_of(result, "t").last_lines()
    assert [line for line in lines if "──" not in line] == ["said", "last"]


async def test_a_service_that_was_stopped_has_its_last_lines(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([task("up", run=serving())], cancel=cancel, records=True)
    await rig.heard("ready:up")
    cancel.set()
    assert stats_of(await running, "up").last_lines() == ("ready",)


async def test_a_callback_may_read_the_log_of_a_task_that_has_just_failed(rig: Rig) -> None:
    """What a task printed before it ended is in its file when the host hears of its end."""
    logs = rig.directory / ".tui_runner" / "runs"
    seen: list[str] = []

    def failed(*_: object) -> None:
        seen.extend(log.read_text() for log in logs.glob("*/logs/bad.log"))

    flood = python("print('x' * 70000); print('last words')\nraise SystemExit(2)")
    await rig.run([task("bad", run=flood)], records=True, on_task_failed=failed)
    assert [text[-11:] for text in seen] == ["last words\n"]


async def test_tasks_of_a_result_are_found_by_their_ids(rig: Rig) -> None:
    deep = pipeline([task("leaf", run="true")]).to_task("deep")
    result = await rig.run([pipeline([deep]).to_task("outer"), task("other", run="true")])
    stats: RunStats = result.stats
    assert [found.id for found in stats.all_tasks()] == ["outer", "outer:deep", "outer:deep:leaf", "other"]
    assert stats.task("outer:deep:leaf").name == "leaf"
    with pytest.raises(KeyError, match="leaf"):
        stats.task("leaf")
