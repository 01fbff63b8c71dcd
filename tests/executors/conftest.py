"""An executor for each test, and proof that it left nothing behind."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from workshop import Recorder, Workshop

from tui_runner.executors.local import LocalExecutor
from tui_runner.process.guardian import process_table


def open_descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    sink = Recorder()
    executor = LocalExecutor(sink, root=str(tmp_path), environment=os.environ, log_directory=tmp_path / "logs")
    descriptors = open_descriptors()
    executor.start()
    yield Workshop(executor, sink, tmp_path, executor.marker)
    await executor.bye()
    assert process_table.marked(executor.marker) == set()
    assert open_descriptors() == descriptors
