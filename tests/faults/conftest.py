"""A workspace or a scene for each test; whatever still runs in it at the end is stopped, and what must hold is checked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_scene import FaultScene
from live_workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[FaultScene]:
    made = FaultScene(tmp_path)
    try:
        yield made
        made.finish()
    finally:
        made.close()
