from collections.abc import Iterator
from pathlib import Path

import pytest
from live_workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose supervisor, if any, is stopped at the end."""
    made = Workspace(tmp_path)
    yield made
    made.close()
