"""A workspace for each test; whatever still runs in it at the end is stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()
