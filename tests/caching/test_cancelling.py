"""Work on large files is given up in the middle of one: nobody who has asked for the end of a run waits for it."""

import fcntl
import os

import pytest
from cache_workspace import CacheWorkspace

from tui_runner.caching.fingerprint import FileSet, take_fingerprint
from tui_runner.caching.store import CacheError

MIB = 1 << 20
SIZE_MIB = 12


class Patience:
    """Is asked over and over whether work was cancelled; says so from one question on."""

    def __init__(self, questions: int) -> None:
        self.left = questions
        self.asked_after = 0

    def is_out(self) -> bool:
        self.left -= 1
        self.asked_after += self.left < -1
        return self.left < 0


@pytest.fixture
def large(workspace: CacheWorkspace) -> bytes:
    content = b"".join(os.urandom(1024) * 1024 for _ in range(SIZE_MIB))
    workspace.write("dist/large", content)
    return content


def unfinished(workspace: CacheWorkspace) -> list[str]:
    return [path.name for path in workspace.places.unfinished.glob("*")]


@pytest.mark.usefixtures("large")
def test_fingerprinting_is_given_up_within_a_file(workspace: CacheWorkspace) -> None:
    patience = Patience(5)
    files = FileSet(root=str(workspace.root), base=str(workspace.root), patterns=("dist",))
    with pytest.raises(CacheError, match="cancelled"):
        take_fingerprint(files, None, patience.is_out)
    assert patience.asked_after == 0


@pytest.mark.usefixtures("large")
def test_another_look_at_inputs_is_given_up_within_a_file(workspace: CacheWorkspace) -> None:
    files = FileSet(root=str(workspace.root), base=str(workspace.root), patterns=("dist",))
    taken = take_fingerprint(files, None)
    workspace.write("dist/large", bytes(SIZE_MIB * MIB))
    with pytest.raises(CacheError, match="cancelled"):
        taken.changed(Patience(5).is_out)


@pytest.mark.usefixtures("large")
def test_keeping_is_given_up_within_a_file(workspace: CacheWorkspace) -> None:
    patience = Patience(5)
    with pytest.raises(CacheError, match="cancelled"):
        workspace.take("dist", cancelled=patience.is_out)
    assert patience.asked_after == 0
    assert workspace.blob_files() == []
    assert unfinished(workspace) == []


def test_bringing_back_is_given_up_within_a_file_and_nothing_has_changed(
    workspace: CacheWorkspace, large: bytes
) -> None:
    taken = workspace.take("dist").outputs
    workspace.write("dist/large", "small")
    with pytest.raises(CacheError, match="cancelled"):
        workspace.bring_back(taken, "dist", cancelled=Patience(5).is_out)
    assert (workspace.root / "dist/large").read_bytes() == b"small"
    assert unfinished(workspace) == []
    assert workspace.bring_back(taken, "dist") is not None
    assert (workspace.root / "dist/large").read_bytes() == large


def test_comparing_is_given_up_within_a_file(workspace: CacheWorkspace, large: bytes) -> None:
    taken = workspace.take("dist").outputs
    workspace.write("dist/large", large[::-1])
    with pytest.raises(CacheError, match="cancelled"):
        workspace.bring_back(taken, "dist", cancelled=Patience(5).is_out)
    assert (workspace.root / "dist/large").read_bytes() == large[::-1]


def test_waiting_for_somebody_who_clears_the_cache_is_given_up(workspace: CacheWorkspace) -> None:
    workspace.save()
    with workspace.places.usage.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CacheError, match="cancelled"), workspace.store.using(Patience(3).is_out):
            pass
