"""Cached tasks in real runs: what is skipped, what runs again and why, what comes back."""

import asyncio
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cached_tasks import BUILD, builds, cached, log_of
from rig import Rig, down, stats_of, statuses, waits_for

from tui_runner import (
    Task,
    cache,
    command,
    pipeline,
    retry,
    task,
)

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("source")]


# -- hits -------------------------------------------------------------------------------------------------------------


async def test_a_task_is_skipped_when_nothing_has_changed(rig: Rig) -> None:
    first = await rig.run([builds()])
    second = await rig.run([builds()])
    assert (first.ok, second.ok) == (True, True)
    assert rig.lines("ran") == ["built"]
    assert rig.told("skipped") == ["skipped:build:dev:cache-hit"]
    assert (stats_of(second, "build").status, stats_of(second, "build").skip_reason) == ("skipped", "cache-hit")
    assert stats_of(second, "build").attempts == 0


async def test_statistics_tell_what_the_cache_said(rig: Rig) -> None:
    first, second = cached(await rig.run([builds()])), cached(await rig.run([builds()]))
    assert (first.checked, first.hit, first.stored, first.reason) == (True, False, True, "it has no stored result yet")
    assert (second.checked, second.hit, second.reason) == (True, True, None)
    assert (second.inputs, second.outputs) == (("src",), ("dist",))
    assert second.key == first.key
    assert second.cache_file is not None
    assert os.path.isfile(second.cache_file)  # noqa: ASYNC240, PTH113 - in a test nobody waits


async def test_a_task_without_a_cache_has_no_cache_statistics(rig: Rig) -> None:
    assert stats_of(await rig.run([task("a", run="true")]), "a").cache is None


async def test_outputs_that_are_gone_come_back(rig: Rig) -> None:
    run = (
        "mkdir -p dist/empty dist/sub; echo x > dist/tool; chmod 750 dist/tool; ln -s ../tool dist/sub/link; "
        "echo private > dist/key; chmod 600 dist/key"
    )
    await rig.run([builds(run=run)])
    shutil.rmtree(rig.directory / "dist")
    result = await rig.run([builds(run=run)])
    assert cached(result).hit
    dist = rig.directory / "dist"
    assert stat.S_IMODE((dist / "tool").stat().st_mode) == 0o750
    assert stat.S_IMODE((dist / "key").stat().st_mode) == 0o600
    assert (dist / "sub" / "link").readlink() == Path("../tool")
    assert (dist / "empty").is_dir()


async def test_a_hit_leaves_exactly_what_the_task_made(rig: Rig) -> None:
    await rig.run([builds()])
    dist = rig.directory / "dist"
    (dist / "all").write_text("spoilt")
    (dist / "stale").write_text("from another branch")
    assert cached(await rig.run([builds()])).hit
    assert (dist / "all").read_text() == "a\n"
    assert not (dist / "stale").exists()


async def test_going_back_to_an_earlier_state_is_a_hit(rig: Rig, source: Path) -> None:
    await rig.run([builds()])
    (source / "a").write_text("b\n")
    assert not cached(await rig.run([builds()])).hit
    (source / "a").write_text("a\n")
    assert cached(await rig.run([builds()])).hit
    assert (rig.directory / "dist" / "all").read_text() == "a\n"


async def test_what_a_task_printed_is_shown_again_on_a_hit(rig: Rig) -> None:
    await rig.run([builds()])
    rig.output.clear()
    result = await rig.run([builds()], records=True)
    assert rig.text("build") == "made it\n"
    log = log_of(result)
    assert log.endswith("── cached: nothing has changed ──\nmade it\n")


async def test_a_cached_task_satisfies_its_dependents_and_is_not_torn_down(rig: Rig) -> None:
    build = builds(teardown=down("build"))
    await rig.run([build])
    after = task("after", run=command("true", teardown=down("after")), depends_on=[build])
    result = await rig.run([build, after])
    assert statuses(result) == {"build": "skipped", "after": "completed"}
    assert rig.lines("downs") == ["build", "after"]


async def test_a_pipeline_whose_tasks_are_all_cached_is_skipped(rig: Rig) -> None:
    await rig.run([pipeline([builds()]).to_task("libs")])
    result = await rig.run([pipeline([builds()]).to_task("libs")])
    assert stats_of(result, "libs").skip_reason == "inner-tasks-skipped"
    assert cached(result, "libs:build").hit


# -- misses -----------------------------------------------------------------------------------------------------------


def edited(source: Path) -> None:
    (source / "a").write_text("b\n")


def edited_to_the_same_size_and_time(source: Path) -> None:
    before = (source / "a").stat()
    (source / "a").write_text("b\n")
    os.utime(source / "a", ns=(before.st_atime_ns, before.st_mtime_ns))


def added(source: Path) -> None:
    (source / "b").write_text("")


def renamed(source: Path) -> None:
    (source / "a").rename(source / "z")


def made_executable(source: Path) -> None:
    (source / "a").chmod(0o755)


@pytest.mark.parametrize("change", [edited, edited_to_the_same_size_and_time, added, renamed, made_executable])
async def test_a_changed_input_runs_the_task_and_is_named(
    rig: Rig, source: Path, change: Callable[[Path], None]
) -> None:
    await rig.run([builds()])
    change(source)
    said = cached(await rig.run([builds()]))
    assert not said.hit
    assert said.reason is not None
    assert said.reason.startswith("src/")
    assert rig.lines("ran") == ["built", "built"]


async def test_a_touched_file_with_the_same_content_is_a_hit(rig: Rig, source: Path) -> None:
    await rig.run([builds()])
    (source / "a").touch()
    (source / "a").write_text("a\n")
    assert cached(await rig.run([builds()])).hit


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (builds(run=f"{BUILD} again"), "command changed"),
        (builds(env={"LEVEL": "2"}), "env LEVEL added"),
        (builds(key={"compiler": "13"}), "key compiler added"),
        (builds(outputs=["dist", "!dist/tmp"]), "options: outputs changed (dist → dist !dist/tmp)"),
    ],
)
async def test_a_changed_definition_runs_the_task(rig: Rig, other: Task, reason: str) -> None:
    """The cache of the system this one grew from saw neither command nor environment."""
    await rig.run([builds()])
    said = cached(await rig.run([other]))
    assert said.reason is not None
    assert said.reason.startswith(reason)


async def test_names_that_look_alike_do_not_share_a_result(rig: Rig) -> None:
    await rig.run([builds("lib/a")])
    assert not cached(await rig.run([builds("lib.a")]), "lib.a").hit
    assert not cached(await rig.run([builds("lib/A")]), "lib/A").hit


async def test_modes_do_not_share_a_result(rig: Rig) -> None:
    await rig.run([builds()], "build")
    assert not cached(await rig.run([builds()], "test")).hit
    assert cached(await rig.run([builds()], "build")).hit


async def test_a_failed_task_is_not_cached(rig: Rig) -> None:
    bad = builds(run="mkdir -p dist; exit 3")
    assert not (await rig.run([bad])).ok
    assert not (await rig.run([bad])).ok
    assert rig.told("skipped") == []


async def test_a_retried_task_is_cached_once_it_succeeds(rig: Rig) -> None:
    flaky = builds(run="mkdir -p dist; [ -e second ] || { touch second; exit 1; }", retry=retry(attempts=2))
    first = await rig.run([flaky])
    assert (stats_of(first, "build").attempts, cached(first).stored) == (2, True)
    assert cached(await rig.run([flaky])).hit


async def test_force_runs_the_task_and_keeps_its_result(rig: Rig) -> None:
    await rig.run([builds()])
    forced = cached(await rig.run([builds()], force=True))
    assert (forced.hit, forced.stored, forced.reason) == (False, True, "it was asked to run")
    assert rig.lines("ran") == ["built", "built"]


async def test_a_result_that_is_too_old_is_made_again(rig: Rig) -> None:
    await rig.run([builds(ttl="1ms")])
    await asyncio.sleep(0.002)  # time itself is what is tested
    assert cached(await rig.run([builds(ttl="1ms")])).reason == "its last result is older than 0.001 s"
    assert cached(await rig.run([builds(ttl="1h")])).hit


async def test_inputs_that_change_while_the_task_runs_make_its_result_unusable(rig: Rig, source: Path) -> None:
    busy = builds(run=f"mkdir -p dist; echo begun; {waits_for('go')}; cat src/a > dist/all")
    running = rig.start([busy])
    await rig.printed("build", "begun")
    (source / "a").write_text("new\n")
    rig.touch("go")
    said = cached(await running)
    assert (said.stored, said.warning) == (False, "inputs changed while it ran: src/a")
    assert not cached(await rig.run([busy])).hit


async def test_an_output_that_was_not_made_is_told_and_the_result_is_not_kept(rig: Rig) -> None:
    lazy = builds(run="true", outputs=["dist", "report.txt"])
    result = await rig.run([lazy])
    assert result.ok
    assert cached(result).warning == "outputs do not exist after it has run: dist, report.txt"
    assert not cached(await rig.run([lazy])).hit


async def test_an_input_that_does_not_exist_is_told_and_counts_once_it_does(rig: Rig) -> None:
    hopeful = builds(inputs=["src", "config.toml"])
    result = await rig.run([hopeful], records=True)
    assert "the input `config.toml` matches no file" in log_of(result)
    assert cached(await rig.run([hopeful])).hit
    rig.touch("config.toml")
    assert not cached(await rig.run([hopeful])).hit


async def test_inputs_without_outputs_and_outputs_without_inputs_can_be_cached(rig: Rig) -> None:
    checks = task("check", run=command("true", cache=cache(inputs="src")))
    fetches = task("fetch", run=command("echo x > tool", cache=cache(outputs="tool")))
    await rig.run([checks, fetches])
    assert statuses(await rig.run([checks, fetches])) == {"check": "skipped", "fetch": "skipped"}
