"""What a run writes, and what it must not write: records, dry runs, hostile names."""

import json
import os
from pathlib import Path

import pytest
from rig import Rig, down, marks, serving, stats_of, statuses

from tui_runner import RunResult, command, pipeline, task

pytestmark = pytest.mark.real


def written(rig: Rig) -> set[str]:
    return {str(path.relative_to(rig.directory)) for path in rig.directory.rglob("*")}


def record_of(rig: Rig, result: RunResult) -> Path:
    assert result.run_id is not None
    return rig.directory / ".tui_runner" / "runs" / result.run_id


async def test_without_records_nothing_is_written(rig: Rig) -> None:
    result = await rig.run([task("t", run=command("echo hello", teardown="echo bye"))], records=False)
    assert result.ok
    assert written(rig) == set()
    assert (result.run_id, stats_of(result, "t").log_file) == (None, None)


async def test_records_are_kept_unless_refused(rig: Rig) -> None:
    whole = pipeline([task("t", run="echo hello"), task("silent", run="true")])
    result = await whole.run(root=rig.directory)
    record = record_of(rig, result)
    assert {path.name for path in record.iterdir()} == {"execution.json", "summary.md", "events.jsonl", "logs"}
    assert (record / "logs" / "t.log").read_text() == "hello\n"
    assert stats_of(result, "t").log_file == str(record / "logs" / "t.log")
    assert stats_of(result, "silent").log_file is None
    document = json.loads((record / "execution.json").read_text())
    assert document["status"] == "success"


async def test_records_are_private(rig: Rig) -> None:
    result = await pipeline([task("t", run="echo secret")]).run(root=rig.directory)
    record = record_of(rig, result)
    for path in [record, *record.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


async def test_a_dry_run_starts_nothing_and_writes_nothing(rig: Rig) -> None:
    up = task("up", run=serving(teardown=down("up")))
    nested = pipeline([marks("inner", up)]).to_task("nested")
    result = await rig.run([nested, task("skipped", commands={"build": "true"})], "dev", dry_run=True, records=True)
    assert result.ok
    assert result.stats.status == "success"
    assert statuses(result) == {"nested": "pending", "up": "pending", "skipped": "pending"}
    assert stats_of(result, "nested:inner").status == "pending"
    summary = result.stats.summary
    assert (summary.total, summary.pending) == (3, 3)
    assert result.run_id is None
    assert rig.story == []
    assert written(rig) == set()


async def test_a_dry_run_tells_of_problems(rig: Rig) -> None:
    result = await rig.run([marks("a", "b"), marks("b", "a")], dry_run=True)
    assert not result.ok


async def test_records_that_cannot_be_written_do_not_keep_the_run_from_running(rig: Rig) -> None:
    (rig.directory / ".tui_runner").write_text("in the way")
    result = await rig.run([marks("t")], records=True)
    assert result.ok
    assert result.run_id is None
    assert rig.lines("order") == ["t"]


HOSTILE = ["../../escape", "a/b", "a_b", "a%2Fb", ".", "..", "-rf", "ünï ✓", "x" * 300, "CON", "a.log", "a", "$(touch pwned)", "`id`", "'\""[:1]]  # fmt: skip


async def test_hostile_names_stay_inside_the_records_and_never_collide(rig: Rig) -> None:
    whole = [task(name, run=["printf", "%s", name]) for name in HOSTILE]
    result = await rig.run(whole, records=True)
    assert result.ok, result.error
    logs = record_of(rig, result) / "logs"
    files = [stats_of(result, name).log_file for name in HOSTILE]
    assert len(set(files)) == len(HOSTILE)
    for name, file in zip(HOSTILE, files, strict=True):
        assert file is not None
        assert Path(file).resolve().parent == logs.resolve()  # noqa: ASYNC240 - a tiny file
        assert Path(file).read_text() == name  # noqa: ASYNC240 - a tiny file
        assert rig.text(name) == name
    assert os.listdir(rig.directory) == [".tui_runner"]  # noqa: PTH208 - names only
    assert set(os.listdir(rig.directory.parent)) >= {rig.directory.name}  # noqa: PTH208 - names only


@pytest.mark.parametrize("name", ["", "  ", "a:b", "a\nb", "a\x1b[2Jb", "a\0b", "a,b"])
async def test_names_that_cannot_be_shown_or_joined_are_refused(rig: Rig, name: str) -> None:
    result = await rig.run([marks("good"), task(name, run="true")])
    assert result.error is not None
    assert result.error.code == "invalid-task"
    assert rig.story == []


async def test_two_runs_at_once_in_one_directory_keep_their_records_apart(rig: Rig) -> None:
    import asyncio

    whole = pipeline([task("t", run="echo $$")])
    results = await asyncio.gather(*(whole.run(root=rig.directory) for _ in range(3)))
    assert len({result.run_id for result in results}) == 3
    logs = {(record_of(rig, result) / "logs" / "t.log").read_text() for result in results}
    assert len(logs) == 3
