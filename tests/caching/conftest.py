from collections.abc import Iterator
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[CacheWorkspace]:
    """A workspace whose tests leave no descriptors open and no unfinished files behind."""
    root = tmp_path / "workspace"
    root.mkdir()
    before = open_descriptors()
    yield CacheWorkspace(root)
    assert open_descriptors() == before


@pytest.fixture
def built(workspace: CacheWorkspace) -> CacheWorkspace:
    """A workspace after a build."""
    workspace.write("src/main.c", "int main;")
    workspace.write("dist/app", "#!/bin/sh\n", mode=0o755)
    workspace.write("dist/assets/logo.svg", "<svg/>", mode=0o640)
    (workspace.root / "dist/empty").mkdir(mode=0o700)
    (workspace.root / "dist/current").symlink_to("app")
    return workspace
