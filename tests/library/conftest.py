"""A rig for each test, and proof that its runs left nothing behind."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rig import TOKEN, Rig, Traces


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    token = f"library-{uuid.uuid4().hex}"
    monkeypatch.setenv(TOKEN, token)
    traces = Traces()
    yield Rig(tmp_path, token)
    traces.check(token)
