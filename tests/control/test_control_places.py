import os
import tempfile
from pathlib import Path

import pytest

from tui_runner.control.places import SOCKET_PATH_BYTES, is_private, places_for, prepare
from tui_runner.errors.problem import ProblemKind
from tui_runner.errors.runner_error import DefinitionError


def test_every_spelling_of_a_root_has_the_same_places(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "link").symlink_to(root)
    assert places_for(tmp_path / "link") == places_for(root / ".." / "root") == places_for(root)
    assert places_for(tmp_path) != places_for(root)


def test_places_are_under_the_runtime_and_state_directories_of_the_user(tmp_path: Path) -> None:
    places = places_for(tmp_path)
    assert places.socket.parent.parent == Path(os.environ["XDG_RUNTIME_DIR"]) / "tui-runner"
    assert places.journal.parent.parent == Path(os.environ["XDG_STATE_HOME"]) / "tui-runner"
    assert not places.runtime.exists()
    prepare(places)
    prepare(places)
    assert is_private(places.runtime)
    assert is_private(places.state)


def test_without_a_runtime_directory_a_private_one_per_user_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(dir="/tmp") as short:  # below the directory of the test it may be too long
        monkeypatch.setenv("TMPDIR", short)
        assert places_for(tmp_path).socket.parent.parent == Path(short) / f"tui-runner-{os.geteuid()}"


def test_a_runtime_directory_that_others_may_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
    assert shared not in places_for(tmp_path).socket.parents


def test_a_long_runtime_directory_gives_way_to_the_temp_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setenv("TMPDIR", str(long))
    path = places_for(tmp_path).socket
    assert path.is_relative_to(Path("/tmp"))  # where both are too long
    assert len(os.fsencode(path)) <= SOCKET_PATH_BYTES


def test_without_a_state_directory_that_of_the_home_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert places_for(tmp_path).state.parent == tmp_path / ".local" / "state" / "tui-runner"


@pytest.mark.parametrize("kind", ["link", "file", "open"])
def test_a_planted_directory_is_refused(tmp_path: Path, kind: str) -> None:
    places = places_for(tmp_path)
    planted = places.runtime
    planted.parent.mkdir(mode=0o700)
    if kind == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        planted.symlink_to(tmp_path / "elsewhere")
    elif kind == "file":
        planted.write_text("")
    else:
        planted.mkdir()
        planted.chmod(0o770)
    with pytest.raises(DefinitionError) as caught:
        prepare(places)
    [problem] = caught.value.problems
    assert problem.kind is ProblemKind.UNSAFE_DIRECTORY
    assert str(planted) in problem.message
    assert "XDG_RUNTIME_DIR" in problem.help


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    places = places_for(tmp_path)
    places.runtime.mkdir(mode=0o700, parents=True)
    places.runtime.parent.chmod(0o700)
    os.chown(places.runtime, 12345, 12345)
    with pytest.raises(DefinitionError, match="belongs to the user with id 12345"):
        prepare(places)
