"""A live system for each test, and proof that it left nothing behind."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest
from described_system import DescribedSystem
from live_system import System
from rig import TOKEN, Traces

_System = TypeVar("_System", bound=System)


@pytest.fixture
async def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[System]:
    async for made in _watched(System(tmp_path), monkeypatch):
        yield made


@pytest.fixture
async def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DescribedSystem]:
    async for made in _watched(DescribedSystem(tmp_path), monkeypatch):
        yield made


async def _watched(made: _System, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_System]:
    token = f"supervisor-{uuid.uuid4().hex}"
    monkeypatch.setenv(TOKEN, token)
    traces = Traces()
    yield made
    if not made.running.done():
        await made.down()
    traces.check(token)
