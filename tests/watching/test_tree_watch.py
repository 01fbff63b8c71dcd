"""One suite for all that can tell of changes: what is really there is found, whichever it is."""

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tui_runner.model.policy import Watch, watch
from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.news import News, open_news
from tui_runner.watching.polling import VARIABLE, Polling
from tui_runner.watching.routing import Routing
from tui_runner.watching.tree_watch import TreeWatch
from tui_runner.watching.watched import Watched
from tui_runner.watching.watchfiles_news import WatchfilesNews

pytestmark = pytest.mark.real

DEADLINE_S = 30.0
Grow = Callable[..., "Grown"]


class Grown:
    """A watched directory and what is told of it."""

    def __init__(self, root: Path, watched: Watched, news: Callable[[], News], since_ns: int | None) -> None:
        self.root = root
        self.interrupt = Interrupt()
        self.routing = Routing(root, {"api": watched})
        self.tree = TreeWatch(self.routing, self.interrupt, since_ns=since_ns, news=news)
        self.at_first = self._named(self.tree.open())

    def finds(self, *names: str) -> None:
        """Wait until exactly these have been told as changed."""
        found: set[str] = set()
        until = time.monotonic() + DEADLINE_S
        while not set(names) <= found and time.monotonic() < until:
            found.update(self._named(self.tree.wait()))
        assert found == set(names)

    def _named(self, paths: list[str]) -> list[str]:
        counting = [path for path in paths if list(self.routing.tasks_for(path))]
        return sorted(os.path.relpath(path, os.path.realpath(self.root)) for path in counting)


def lay(root: Path, *names: str, text: str = "0") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


BACKENDS: dict[str, Callable[[], News]] = {
    "own": open_news,
    "portable": WatchfilesNews,
    "portable-recursive": partial(WatchfilesNews, recursive=True),
}


@pytest.fixture(params=BACKENDS)
def grow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Grow]:
    begun: list[Grown] = []

    def start(
        *files: str,
        watching: Watch | None = None,
        outputs: tuple[str, ...] = (),
        since_ns: int | None = None,
        news: Callable[[], News] = BACKENDS[request.param],
    ) -> Grown:
        lay(tmp_path, *files)
        watched = Watched(cwd=str(tmp_path), watch=watching or watch("src"), outputs=outputs)
        begun.append(Grown(tmp_path, watched, news, since_ns))
        return begun[-1]

    yield start
    for grown in begun:
        grown.tree.close()
        grown.interrupt.close()


def test_changed_and_new_files_are_found_and_ignored_trees_are_not(grow: Grow, tmp_path: Path) -> None:
    grown = grow("src/a.py", "src/node_modules/x/index.js")
    assert grown.at_first == []
    lay(tmp_path, "src/a.py", "src/node_modules/x/index.js", "src/b/c/d.py", text="1")
    grown.finds("src/a.py", "src/b/c/d.py")


def test_nothing_is_missed_in_directories_made_in_one_go(grow: Grow, tmp_path: Path) -> None:
    grown = grow("src/a.py")
    names = [f"src/d{number}/b/c/f{number}.py" for number in range(30)]
    for name in names:
        lay(tmp_path, name)
    grown.finds(*names)
    lay(tmp_path, "src/d7/b/c/f7.py", text="1")
    grown.finds("src/d7/b/c/f7.py")


def test_a_renamed_directory_takes_its_files_along_and_is_still_watched(grow: Grow, tmp_path: Path) -> None:
    grown = grow("src/old/deep/a.py", "src/b.py")
    (tmp_path / "src/old").rename(tmp_path / "src/new")
    grown.finds("src/old/deep/a.py", "src/new/deep/a.py")
    lay(tmp_path, "src/new/deep/a.py", text="1")
    grown.finds("src/new/deep/a.py")


def test_a_directory_that_is_moved_in_and_out_counts_with_what_is_in_it(grow: Grow, tmp_path: Path) -> None:
    lay(tmp_path, "elsewhere/x/a.py")
    grown = grow("src/b.py")
    (tmp_path / "elsewhere").rename(tmp_path / "src/in")
    grown.finds("src/in/x/a.py")
    (tmp_path / "src/in").rename(tmp_path / "out")
    grown.finds("src/in/x/a.py")
    lay(tmp_path, "out/x/a.py", text="not watched any more")
    lay(tmp_path, "src/b.py", text="1")
    grown.finds("src/b.py")


def test_a_directory_that_is_replaced_at_once_is_watched_on(grow: Grow, tmp_path: Path) -> None:
    grown = grow("src/sub/a.py", "src/b.py")
    for text in ("1", "2", "3"):
        shutil.rmtree(tmp_path / "src/sub")
        lay(tmp_path, "src/sub/a.py", text=text)
        grown.finds("src/sub/a.py")


def test_a_root_that_is_deleted_and_made_again_is_watched_on(grow: Grow, tmp_path: Path) -> None:
    grown = grow("src/a.py")
    shutil.rmtree(tmp_path / "src")
    grown.finds("src/a.py")
    lay(tmp_path, "src/a.py", text="1")
    grown.finds("src/a.py")
    lay(tmp_path, "src/a.py", text="2")
    grown.finds("src/a.py")


def test_missing_paths_are_found_however_deep(grow: Grow, tmp_path: Path) -> None:
    grown = grow("x", watching=watch(["a/b/c", "file.toml"]))
    lay(tmp_path, "a/b/c/d.py", "file.toml")
    grown.finds("a/b/c/d.py", "file.toml")


def test_names_that_are_no_text_are_found(grow: Grow, tmp_path: Path) -> None:
    grown = grow("src/a.py")
    names = [os.fsdecode(b"src/\xff.py"), os.fsdecode(b"src/\xfe\xff/b.py")]
    lay(tmp_path, *names)
    grown.finds(*names)


def test_outputs_of_the_task_are_not_watched(grow: Grow, tmp_path: Path) -> None:
    outputs = ("src/dist", "src/gen/**", "src/*.lock", "src/many/**/*.js", "!src/many/keep.js")
    grown = grow("src/a.py", "src/dist/x/a.js", "src/gen/g.py", outputs=outputs)
    lay(tmp_path, "src/dist/x/a.js", "src/gen/g.py", "src/new.lock", "src/many/b.js", text="made")
    lay(tmp_path, "src/many/keep.js", "src/many/b.ts", "src/a.py", text="1")
    grown.finds("src/many/keep.js", "src/many/b.ts", "src/a.py")
    below = {os.path.relpath(path, os.path.realpath(tmp_path)) for path in grown.tree.directories}
    assert below == {"src", "src/many"}


def test_a_watched_path_that_the_task_makes_itself_is_told(grow: Grow) -> None:
    grown = grow("dist/a.js", "src/a.py", watching=watch(["src", "dist"]), outputs=("dist",))
    assert grown.routing.problems == [("api", "does not watch `dist`, which is among its own `cache(outputs=…)`")]


def test_what_changed_before_the_first_look_is_told_by_it(grow: Grow, tmp_path: Path) -> None:
    lay(tmp_path, "src/old.py")
    since_ns = (tmp_path / "src/old.py").stat().st_ctime_ns
    while time.time_ns() - since_ns < 50_000_000:
        pass  # until the clock of the file system has moved on
    lay(tmp_path, "src/a.py", text="1")
    assert grow(since_ns=since_ns).at_first == ["src/a.py"]


def test_directories_that_do_not_matter_use_no_watches(grow: Grow, tmp_path: Path) -> None:
    for name in ("src/deep", "node_modules/x/y", ".git/objects", "build/out"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    grown = grow(watching=watch("."))
    top = os.path.realpath(tmp_path)
    assert grown.tree.directories == {top, f"{top}/src", f"{top}/src/deep"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel tells how many watches there are")
def test_the_kernel_has_one_watch_for_each_directory_that_matters_and_none_for_others(tmp_path: Path) -> None:
    lay(tmp_path, *(f"node_modules/p{number}/lib/index.js" for number in range(200)), "src/deep/a.py", ".git/HEAD")
    lay(tmp_path, ".gitignore", text="dist/")
    lay(tmp_path, *(f"dist/{number}/a.js" for number in range(50)), *(f"out/{number}/a.js" for number in range(50)))
    watched = Watched(cwd=str(tmp_path), watch=watch("."), outputs=("out",))
    before = kernel_watches()
    grown = Grown(tmp_path, watched, open_news, None)
    try:
        assert kernel_watches() - before == len(grown.tree.directories) == 3
        lay(tmp_path, "node_modules/new/index.js", "dist/new/a.js", "out/new/a.js")
        lay(tmp_path, "src/new/b.py")
        grown.finds("src/new/b.py")
        assert kernel_watches() - before == 4
        shutil.rmtree(tmp_path / "src/new")
        grown.finds("src/new/b.py")
        assert kernel_watches() - before == 3
    finally:
        grown.tree.close()
        grown.interrupt.close()


def kernel_watches() -> int:
    """Return how many directories and files this process has the kernel watch."""
    found = 0
    for descriptor in list(Path("/proc/self/fdinfo").iterdir()):
        try:
            told = descriptor.read_text()
        except OSError:
            continue  # the descriptor of the listing itself
        found += sum(line.startswith("inotify ") for line in told.splitlines())
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify has a queue of limited length")
def test_when_the_kernel_drops_news_everything_is_looked_at(tmp_path: Path) -> None:
    lay(tmp_path, "src/a.py", "src/last.py")
    grown = Grown(tmp_path, Watched(cwd=str(tmp_path), watch=watch("src")), open_news, None)
    try:
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        for number in range(
            limit // 2 + 10
        ):  # two different events in turn, so that none is merged into the one before
            (tmp_path / f"src/x{number % 2}~").touch()
            (tmp_path / f"src/x{number % 2}~").unlink()
        lay(tmp_path, "src/last.py", text="told by nobody")
        grown.finds("src/last.py")
    finally:
        grown.tree.close()
        grown.interrupt.close()


# -- without news -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value"), [(VARIABLE, "0.05"), (VARIABLE, "50ms"), ("WATCHFILES_FORCE_POLLING", "1")]
)
def test_polling_sees_changes_too(
    grow: Grow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    grown = grow("src/a.py")
    assert grown.tree.polls
    lay(tmp_path, "src/a.py", "src/new/b.py", text="1")
    grown.finds("src/a.py", "src/new/b.py")


def test_polling_sees_ignore_files_above_too(grow: Grow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "50ms")
    grown = grow("src/a.py")
    (tmp_path / ".gitignore").write_text("a.py\n")
    lay(tmp_path, "src/a.py", text="noise")
    lay(tmp_path, "src/b.py")
    grown.finds("src/b.py")


@pytest.mark.parametrize("value", ["0", "0s"])
def test_people_can_say_that_there_are_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true")
    monkeypatch.setenv(VARIABLE, value)
    assert Polling.wanted([str(tmp_path)]) is None


def test_when_a_limit_is_reached_it_is_told_and_changes_are_looked_for(grow: Grow, tmp_path: Path) -> None:
    def refuse() -> News:
        raise OSError(errno.EMFILE, "Too many open files")

    grown = grow("src/a.py", news=refuse)
    assert grown.tree.polls
    assert grown.tree.problem is not None
    assert "max_user_instances" in grown.tree.problem
    lay(tmp_path, "src/a.py", text="1")
    grown.finds("src/a.py")
