"""One set of watches as its thread sees it: what git does, and what is left when somebody interrupts."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui_runner.model.policy import watch
from tui_runner.watching.git_work import GitWork
from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.session import Session
from tui_runner.watching.watched import Watched

pytestmark = pytest.mark.real

Begin = Callable[[], tuple[Session, Interrupt]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts to watch `src`, which holds `a.py` and `deep/b.py`, without having looked."""
    begun: list[tuple[Session, Interrupt]] = []

    def start() -> tuple[Session, Interrupt]:
        (tmp_path / "src/deep").mkdir(parents=True)
        for name in ("a.py", "deep/b.py"):
            (tmp_path / "src" / name).write_text("0")
        watches = {"api": Watched(cwd=str(tmp_path), watch=watch("src"))}
        interrupt = Interrupt()
        begun.append((Session(tmp_path, watches, interrupt, since_ns=None), interrupt))
        return begun[-1]

    yield start
    for session, interrupt in begun:
        session.close()
        interrupt.close()


def names(session: Session, root: Path) -> list[str]:
    return sorted(os.path.relpath(change.path, os.path.realpath(root)) for change in session.step())


def test_a_first_look_that_was_cut_short_is_done_again(begin: Begin, tmp_path: Path) -> None:
    session, interrupt = begin()
    interrupt.set()
    assert names(session, tmp_path) == []
    interrupt.clear()
    assert names(session, tmp_path) == []
    (tmp_path / "src/deep/b.py").write_text("1")
    assert names(session, tmp_path) == ["src/deep/b.py"]


def test_what_happens_while_somebody_interrupts_is_told_by_the_next_step(begin: Begin, tmp_path: Path) -> None:
    session, interrupt = begin()
    session.step()
    (tmp_path / "src/new/deep").mkdir(parents=True)
    (tmp_path / "src/new/deep/c.py").write_text("0")
    interrupt.set()
    told = names(session, tmp_path)
    interrupt.clear()
    told += names(session, tmp_path)
    assert told == ["src/new/deep/c.py"]
    (tmp_path / "src/new/deep/c.py").write_text("1")
    assert names(session, tmp_path) == ["src/new/deep/c.py"]


def test_what_was_changed_and_put_back_during_a_pause_is_no_change(begin: Begin, tmp_path: Path) -> None:
    session, _ = begin()
    session.step()
    session.pause()
    for text in ("1", "0"):
        (tmp_path / "src/a.py").write_text(text)
    (tmp_path / "src/deep/b.py").write_text("1")
    assert names(session, tmp_path) == ["src/deep/b.py"]


@pytest.mark.parametrize("kind", ["checkout", "worktree"])
def test_git_at_work_is_noticed_by_its_lock(tmp_path: Path, kind: str) -> None:
    main = tmp_path / "main"
    ours = ("git", "-C", str(main), "-c", "user.name=t", "-c", "user.email=t@t")
    main.mkdir()
    subprocess.run([*ours, "init", "-q"], check=True)
    subprocess.run([*ours, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    place, lock = main, main / ".git/index.lock"
    if kind == "worktree":
        place, lock = tmp_path / "tree", main / ".git/worktrees/tree/index.lock"
        subprocess.run([*ours, "worktree", "add", "-q", str(place)], check=True)
    git = GitWork([str(place / "src/deep")])
    assert git.lock_age_s() is None
    lock.touch()
    assert git.lock_age_s() is not None


def test_a_lock_that_a_dead_git_left_behind_holds_changes_up_for_a_moment_only(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/index.lock").touch()
    os.utime(tmp_path / ".git/index.lock", (1, 1))
    session, _ = begin()
    session.step()
    (tmp_path / "src/a.py").write_text("1")
    assert names(session, tmp_path) == ["src/a.py"]
