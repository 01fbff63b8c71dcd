"""Cached tasks and others: broken results, artifacts, resolvers, several runs at once."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cached_tasks import BUILD, builds, cached
from rig import Rig, stats_of, statuses, waits_for

from tui_runner import (
    InputResolver,
    ResolveContext,
    Task,
    input_resolver,
    virtual_input,
)

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("source")]


# -- broken caches ----------------------------------------------------------------------------------------------------


def entry_cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-20])


def entry_changed(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 1
    entry.write_bytes(content)


def entry_emptied(entry: Path) -> None:
    entry.write_bytes(b"")


def content_changed(entry: Path) -> None:
    for blob in (entry.parents[2] / "blobs").rglob("*"):
        if blob.is_file():
            blob.chmod(0o600)
            blob.write_bytes(b"x" * blob.stat().st_size)


def content_gone(entry: Path) -> None:
    for blob in (entry.parents[2] / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()


@pytest.mark.parametrize("spoil", [entry_cut, entry_changed, entry_emptied, content_changed, content_gone])
async def test_a_broken_result_is_a_miss_and_replaced(rig: Rig, spoil: Callable[[Path], None]) -> None:
    await rig.run([builds()])
    shutil.rmtree(rig.directory / "dist")
    for entry in (rig.directory / ".tui_runner" / "cache" / "v1" / "entries").rglob("*.entry"):
        spoil(entry)
    result = await rig.run([builds()])
    assert result.ok
    assert not cached(result).hit
    assert (rig.directory / "dist" / "all").read_text() == "a\n"
    assert cached(await rig.run([builds()])).hit


async def test_a_cache_that_cannot_be_used_costs_nothing_but_time(rig: Rig) -> None:
    (rig.directory / ".tui_runner").mkdir()
    (rig.directory / ".tui_runner" / "cache").write_text("in the way")
    result = await rig.run([builds()])
    assert result.ok
    assert not cached(result).checked
    assert str(rig.directory / ".tui_runner" / "cache") in (cached(result).reason or "")
    assert rig.lines("ran") == ["built"]


# -- artifacts --------------------------------------------------------------------------------------------------------


def chain() -> list[Task]:
    lib = builds("lib", "sed s/#.*// src/a > lib.out; echo lib >> ran", outputs="lib.out")
    app = builds("app", "cat lib.out > app.out; echo app >> ran", inputs=[lib.artifact("dev")], outputs="app.out")
    return [app]


async def test_an_artifact_makes_its_maker_run_first(rig: Rig) -> None:
    result = await rig.run(chain())
    assert rig.lines("ran") == ["lib", "app"]
    assert stats_of(result, "app").dependencies == ("lib",)
    assert cached(result, "app").inputs == ("lib:dev",)


async def test_a_chain_of_artifacts_is_skipped_when_nothing_has_changed(rig: Rig) -> None:
    await rig.run(chain())
    assert statuses(await rig.run(chain())) == {"app": "skipped", "lib": "skipped"}


async def test_a_consumer_is_skipped_when_its_artifact_comes_out_as_before(rig: Rig, source: Path) -> None:
    await rig.run(chain())
    (source / "a").write_text("a\n# a comment\n".replace("\n# a comment", "# a comment"))
    result = await rig.run(chain())
    assert statuses(result) == {"app": "skipped", "lib": "completed"}


async def test_a_consumer_runs_when_its_artifact_has_changed(rig: Rig, source: Path) -> None:
    await rig.run(chain())
    (source / "a").write_text("b\n")
    result = await rig.run(chain())
    assert statuses(result) == {"app": "completed", "lib": "completed"}
    assert cached(result, "app").reason == "lib.out changed"


# -- resolvers --------------------------------------------------------------------------------------------------------


def versioned(version: str, *, asynchronous: bool = False) -> InputResolver:
    def plain(context: ResolveContext) -> list[Any]:
        assert context.cwd.is_absolute()
        assert context.root.is_absolute()
        return ["extra", virtual_input("dependency", version, f"version {version}")]

    async def slow(context: ResolveContext) -> list[Any]:
        await asyncio.sleep(0)
        return plain(context)

    return input_resolver("tools", slow if asynchronous else plain)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_resolver_finds_files_and_virtual_inputs(rig: Rig, asynchronous: bool) -> None:
    def build(version: str) -> Task:
        return builds(inputs=["src", versioned(version, asynchronous=asynchronous)])

    rig.touch("extra")
    await rig.run([build("1")])
    assert cached(await rig.run([build("1")])).hit
    changed = cached(await rig.run([build("2")]))
    assert changed.reason == "tools: dependency changed (version 1 → version 2)"
    (rig.directory / "extra").write_text("more")
    assert cached(await rig.run([build("2")])).reason == "extra changed"


def raising(_: ResolveContext) -> list[Any]:
    raise ValueError("lock file of the wrong kind")


def returning_nonsense(_: ResolveContext) -> Any:
    return [object]


def returning_text(_: ResolveContext) -> Any:
    return "src"


@pytest.mark.parametrize(
    ("resolve", "words"),
    [
        (raising, "the resolver `lock` raised ValueError: lock file of the wrong kind"),
        (returning_nonsense, "the resolver `lock` returned <class 'object'>"),
        (returning_text, "the resolver `lock` returned 'src' instead of a list of inputs"),
    ],
)
async def test_a_resolver_that_fails_leaves_its_task_without_a_cache(rig: Rig, resolve: Any, words: str) -> None:
    result = await rig.run([builds(inputs=["src", input_resolver("lock", resolve)])])
    assert result.ok
    assert not cached(result).checked
    assert (cached(result).reason or "").startswith(words)


# -- several at once --------------------------------------------------------------------------------------------------


async def test_two_runs_of_one_workspace_make_a_result_once(rig: Rig) -> None:
    slow = builds(run=f"echo begun; {waits_for('go')}; {BUILD}")
    first = rig.start([slow])
    await rig.printed("build", "begun")
    second = rig.start([slow], records=True)
    waiting = Path(".tui_runner/runs")
    await rig.until(lambda: "waits for another run of this task" in _logs(rig.directory / waiting))
    rig.touch("go")
    assert cached(await first).stored
    assert cached(await second).hit
    assert rig.lines("ran") == ["built"]


def _logs(runs: Path) -> str:
    return "".join(log.read_text() for log in runs.glob("*/logs/*.log"))


async def test_cancelling_while_another_run_is_waited_for_ends_at_once(rig: Rig) -> None:
    slow = builds(run=f"echo begun; {waits_for('go')}; {BUILD}")
    first = rig.start([slow])
    await rig.printed("build", "begun")
    cancel = asyncio.Event()
    second = rig.start([slow], records=True, cancel=cancel)
    await rig.until(lambda: "waits for another run of this task" in _logs(rig.directory / ".tui_runner/runs"))
    cancel.set()
    assert (await second).stats.status == "aborted"
    rig.touch("go")
    assert (await first).ok


async def test_many_cached_tasks_at_once(rig: Rig) -> None:
    def work() -> list[Task]:
        return [builds(f"t{n}", f"cat src/a > out{n}", outputs=f"out{n}") for n in range(30)]

    first = await rig.run(work())
    assert [cached(first, f"t{n}").stored for n in range(30)] == [True] * 30
    assert set(statuses(await rig.run(work())).values()) == {"skipped"}


async def test_a_dry_run_looks_at_no_cache_and_writes_nothing(rig: Rig) -> None:
    result = await rig.run([builds()], dry_run=True)
    assert statuses(result) == {"build": "pending"}
    assert not (rig.directory / ".tui_runner").exists()
