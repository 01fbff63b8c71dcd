import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tui_runner.model.policy import watch
from tui_runner.watching.loop_guard import MOST_RESTARTS
from tui_runner.watching.watched import Watched
from tui_runner.watching.watcher import FileWatcher

Observe = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.real


async def test_a_saved_file_is_told_with_its_task_and_relative_path(observe: Observe) -> None:
    seen = await observe({"src/a.py": "1", "web/b.ts": "1"}, api=watch("src"), web=watch("web/**/*.ts"))
    (seen.root / "src/a.py").write_text("2")
    assert await seen.next_change() == ("api", "src/a.py")
    (seen.root / "web/b.ts").write_text("2")
    assert await seen.next_change() == ("web", "web/b.ts")


async def test_a_touch_and_a_rewrite_of_the_same_bytes_are_nothing(observe: Observe) -> None:
    seen = await observe({"src/a.py": "same", "src/b.py": "b"}, api=watch("src"))
    os.utime(seen.root / "src/a.py", (1, 1))
    (seen.root / "src/a.py").write_text("same")
    (seen.root / "src/b.py").chmod(0o600)
    (seen.root / "src/new").write_text("same")
    (seen.root / "src/new").replace(seen.root / "src/a.py")
    await seen.sees_nothing()


async def test_a_same_size_change_with_its_time_put_back_counts(observe: Observe) -> None:
    seen = await observe({"src/a.py": "aaaa"}, api=watch("src"))
    path = seen.root / "src/a.py"
    before = path.stat()
    path.write_text("bbbb")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert await seen.next_change() == ("api", "src/a.py")


async def test_many_saves_are_told_once(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.3))
    for number in range(20):
        (seen.root / f"src/{number}.py").write_text("x")
    await seen.next_change()
    await seen.sees_nothing()


async def test_a_single_file_survives_atomic_saves(observe: Observe) -> None:
    seen = await observe({"app.toml": "0"}, api=watch("app.toml"))
    for number in range(1, 4):
        (seen.root / "app.toml.new").write_text(str(number))
        (seen.root / "app.toml.new").replace(seen.root / "app.toml")
        assert await seen.next_change() == ("api", "app.toml")


async def test_files_in_directories_made_in_one_go_are_not_missed(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.01))
    for number in range(10):
        deep = seen.root / f"src/d{number}/b/c"
        deep.mkdir(parents=True)
        (deep / "f.py").write_text("x")
        assert await seen.next_change() == ("api", f"src/d{number}/b/c/f.py")
    # And later changes in there are noticed too.
    (seen.root / "src/d0/b/c/f.py").write_text("y")
    assert await seen.next_change() == ("api", "src/d0/b/c/f.py")


async def test_a_directory_that_is_deleted_and_made_again_is_watched_again(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.01))
    shutil.rmtree(seen.root / "src")
    assert await seen.next_change() == ("api", "src/a.py")
    (seen.root / "src").mkdir()
    (seen.root / "src/a.py").write_text("1")
    assert await seen.next_change() == ("api", "src/a.py")
    (seen.root / "src/a.py").write_text("2")
    assert await seen.next_change() == ("api", "src/a.py")


async def test_a_missing_path_is_watched_once_it_is_there(observe: Observe) -> None:
    seen = await observe({"x": ""}, api=watch("later/deep/src", debounce=0.01))
    (seen.root / "later/deep/src").mkdir(parents=True)
    (seen.root / "later/deep/src/a.py").write_text("1")
    assert await seen.next_change() == ("api", "later/deep/src/a.py")


async def test_deleting_and_adding_files_counts(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.01))
    (seen.root / "src/a.py").unlink()
    assert await seen.next_change() == ("api", "src/a.py")
    (seen.root / "src/empty.py").touch()
    assert await seen.next_change() == ("api", "src/empty.py")


async def test_ignored_files_are_not_told_and_editors_leave_no_trace(observe: Observe) -> None:
    seen = await observe(
        {"src/a.py": "0", ".gitignore": "*.log\nsrc/gen/\n", "src/gen/x.py": "0"},
        api=watch("src", ignore=["*.md"], debounce=0.01),
    )
    for name in ("a.log", "gen/x.py", "README.md", ".a.py.swp", "a.py~", "4913", ".#a.py", "__pycache__/a.pyc"):
        path = seen.root / "src" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("noise")
    await seen.sees_nothing()


async def test_what_git_ignores_for_one_person_is_not_told_unless_a_shared_file_takes_it_in(observe: Observe) -> None:
    seen = await observe(
        {"src/a.py": "0", ".git/info/exclude": "notes/\n*.txt\n", ".gitignore": "!keep.txt\n"},
        api=watch("src", debounce=0.01),
    )
    for name in ("notes/x.py", "todo.txt"):
        (seen.root / "src" / name).parent.mkdir(exist_ok=True)
        (seen.root / "src" / name).write_text("noise")
    await seen.sees_nothing("src/keep.txt")


async def test_a_changed_ignore_file_counts_from_then_on(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0", "src/.gitignore": ""}, api=watch("src", debounce=0.01))
    (seen.root / "src/.gitignore").write_text("*.log\n")
    assert await seen.next_change() == ("api", "src/.gitignore")
    (seen.root / "src/x.log").write_text("noise")
    await seen.sees_nothing()


async def test_an_ignore_file_above_the_watched_directory_counts_from_when_it_changes(observe: Observe) -> None:
    files = {"app/src/a.py": "0", "app/src/x.log": "0", ".gitignore": "*.md\n"}
    seen = await observe(files, api=watch("app/src", debounce=0.01))
    (seen.root / "app/.gitignore").write_text("*.log\n")
    (seen.root / "app/src/x.log").write_text("noise")
    (seen.root / "app/src/y.log").write_text("noise")
    await seen.sees_nothing("app/src/a.py")
    (seen.root / ".gitignore").write_text("a.py\n")
    (seen.root / "app/src/a.py").write_text("noise")
    (seen.root / "app/src/b.md").write_text("news")
    assert await seen.next_change() == ("api", "app/src/b.md")
    # Of this alone the system gives no news.
    (seen.root / "app/.gitignore").unlink()
    assert await seen.next_change() == ("api", "app/src/y.log")


async def test_linked_directories_are_not_followed(observe: Observe, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/link").symlink_to(outside)
    (tmp_path / "src/loop").symlink_to(tmp_path / "src")
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.01))
    (outside / "x.py").write_text("x")
    await seen.sees_nothing()


async def test_a_file_name_that_is_no_text_does_not_end_watching(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.01))
    (seen.root / "src" / os.fsdecode(b"\xff.py")).write_text("x")
    assert await seen.next_change() == ("api", "src/?.py")
    (seen.root / "src/a.py").write_text("1")
    assert await seen.next_change() == ("api", "src/a.py")
    assert seen.problems == []


async def test_a_storm_of_files_is_told_once_when_it_is_over(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src"))
    for number in range(6000):
        if number % 100 == 0:
            (seen.root / f"src/d{number}").mkdir()
        (seen.root / f"src/d{number - number % 100}/{number}.py").write_text("x")
    await seen.next_change()
    (seen.root / "src/d5900/5999.py").write_text("y")
    await seen.until(lambda: bool(seen.changes))
    assert len(seen.changes) <= 2


async def test_a_file_that_keeps_changing_pauses_watching_and_is_named(observe: Observe) -> None:
    seen = await observe({"src/gen.py": "0", "web/a": "0"}, api=watch("src", debounce=0), web=watch("web", debounce=0))
    for number in range(MOST_RESTARTS - 1):
        (seen.root / "src/gen.py").write_text(f"{number} changed")
        assert await seen.next_change() == ("api", "src/gen.py")
    (seen.root / "src/gen.py").write_text("once too often")
    await seen.until(lambda: bool(seen.problems))
    assert len(seen.problems) == 1
    assert f"src/gen.py changed {MOST_RESTARTS} times" in seen.problems[0]
    (seen.root / "src/gen.py").write_text("again")
    await seen.sees_nothing("web/a")


async def test_watches_can_be_replaced_while_it_runs(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0", "web/a.ts": "0"}, api=watch("src", debounce=0.01))
    seen.watcher.set_watches({})
    await seen.begin(web=watch("web", debounce=0.01))
    (seen.root / "src/a.py").write_text("1")
    (seen.root / "web/a.ts").write_text("1")
    assert await seen.next_change() == ("web", "web/a.ts")


async def test_nothing_is_told_after_the_stop_and_no_thread_stays(observe: Observe) -> None:
    seen = await observe({"src/a.py": "0"}, api=watch("src", debounce=0.2))
    assert any(thread.name.startswith("file-watcher") for thread in threading.enumerate())
    (seen.root / "src/a.py").write_text("1")
    await seen.watcher.stop()
    await seen.watcher.stop()
    assert not any(thread.name.startswith("file-watcher") for thread in threading.enumerate())
    assert seen.changes == []


async def test_cancelling_everything_leaves_no_thread(tmp_path: Path) -> None:
    watcher = FileWatcher(tmp_path, lambda _task, _path: None, lambda _task, text: pytest.fail(text))
    watcher.set_watches({"api": Watched(cwd=str(tmp_path), watch=watch("."))})
    watcher.start()
    await watcher.wait_armed()
    runner = watcher._runner
    assert runner is not None
    runner.cancel()
    await asyncio.wait((runner,))
    assert not any(thread.name.startswith("file-watcher") for thread in threading.enumerate())


def test_nothing_to_watch_imports_nothing() -> None:
    program = """
import asyncio, sys
from tui_runner.watching.watched import Watched
from tui_runner.watching.watcher import FileWatcher
async def main():
    watcher = FileWatcher("/", print, print)
    watcher.set_watches({})
    watcher.start()
    await asyncio.sleep(0)
    await watcher.stop()
asyncio.run(main())
assert "watchfiles" not in sys.modules and "pathspec" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
