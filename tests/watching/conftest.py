import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tui_runner.model.policy import Watch
from tui_runner.watching.watched import Watched
from tui_runner.watching.watcher import FileWatcher


class Observed:
    """A file watcher at work, and what it told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changes: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self._news = asyncio.Event()
        self.watcher = FileWatcher(root, self._changed, self._problem)

    def _changed(self, task: str, path: str) -> None:
        self.changes.append((task, path))
        self._news.set()

    def _problem(self, _: str | None, text: str) -> None:
        self.problems.append(text)
        self._news.set()

    async def begin(self, **watches: Watch) -> None:
        self.watcher.set_watches({task: Watched(cwd=str(self.root), watch=one) for task, one in watches.items()})
        self.watcher.start()
        async with asyncio.timeout(30):
            await self.watcher.wait_armed()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def next_change(self) -> tuple[str, str]:
        """Wait for a change and take it."""
        await self.until(lambda: bool(self.changes))
        return self.changes.pop(0)

    async def sees_nothing(self, marker: str = "src/marker") -> None:
        """Make a change that counts, and check that it is the first one told."""
        path = self.root / marker
        path.write_text(f"{path.read_text() if path.exists() else ''}x")
        task, told = await self.next_change()
        assert told == marker, f"{task} was told of {told}"
        assert self.changes == []


@pytest.fixture
async def observe(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Observed]]]:
    """Starts a file watcher over files of these contents."""
    begun: list[Observed] = []

    async def start(files: dict[str, str], **watches: Watch) -> Observed:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        observed = Observed(tmp_path)
        begun.append(observed)
        await observed.begin(**watches)
        return observed

    yield start
    for observed in begun:
        await observed.watcher.stop()
