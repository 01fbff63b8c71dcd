"""A rig or a script for each test, and proof that its runs left nothing behind."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rig import TOKEN, Rig, Traces
from script import Script


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    token = f"library-{uuid.uuid4().hex}"
    monkeypatch.setenv(TOKEN, token)
    traces = Traces()
    yield Rig(tmp_path, token)
    traces.check(token)


@pytest.fixture
def source(rig: Rig) -> Path:
    """A directory of sources with one file."""
    path = rig.directory / "src"
    path.mkdir()
    (path / "a").write_text("a\n")
    return path


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Script]:
    made = Script(tmp_path)
    yield made
    made.close()
