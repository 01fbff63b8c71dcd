"""An engine per worker, emptied for every test; where there can be none, the tests that need one say why they are skipped."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from container_room import ContainerRoom, NoContainersError, a_room, alone
from container_system import ContainerSystem


@pytest.fixture(scope="session")
def room() -> Iterator[ContainerRoom]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(a_room())
        except NoContainersError as error:
            pytest.skip(f"no containers here: {error}")
        yield made


@pytest.fixture
def system(room: ContainerRoom, tmp_path: Path) -> Iterator[ContainerSystem]:
    with alone():
        room.empty()
        made = ContainerSystem(tmp_path, room)
        yield made
        made.close()
