"""A live system for each test, and proof that it left nothing behind."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from live_system import System
from rig import TOKEN, Traces


@pytest.fixture
async def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[System]:
    token = f"supervisor-{uuid.uuid4().hex}"
    monkeypatch.setenv(TOKEN, token)
    traces = Traces()
    made = System(tmp_path)
    yield made
    if not made.running.done():
        await made.down()
    traces.check(token)
