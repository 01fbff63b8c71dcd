from pathlib import Path

import pytest

from tui_runner.process.argv import Argv, NotExecutable, resolve


@pytest.fixture
def place(tmp_path: Path) -> Path:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "tool").write_text("#!/bin/sh\n")
    (tools / "tool").chmod(0o755)
    (tools / "plain").write_text("")
    (tools / "folder").mkdir()
    return tmp_path


def found(run: tuple[str, ...], place: Path, path: str = "bin") -> Argv:
    answer = resolve(run, cwd=str(place), path=path)
    assert isinstance(answer, Argv)
    return answer


def refused(run: tuple[str, ...], place: Path, path: str = "bin") -> NotExecutable:
    answer = resolve(run, cwd=str(place), path=path)
    assert isinstance(answer, NotExecutable)
    return answer


def test_a_string_goes_through_the_shell() -> None:
    answer = resolve("echo $HOME && ls", cwd="/", path="")
    assert isinstance(answer, Argv)
    assert answer.command == ["/bin/sh", "/bin/sh", "-c", "echo $HOME && ls"]


def test_a_list_is_looked_up_in_path_from_the_task_s_directory(place: Path) -> None:
    assert found(("tool", "x"), place).command == [f"{place}/bin/tool", "tool", "x"]
    assert found(("tool",), place / "bin", "/nowhere:").path == f"{place}/bin/tool"


def test_a_name_with_a_slash_starts_at_the_task_s_directory(place: Path) -> None:
    assert found(("./bin/tool",), place, "").path == f"{place}/./bin/tool"
    assert found((f"{place}/bin/tool",), place, "").arguments == (f"{place}/bin/tool",)


def test_later_directories_are_tried_after_one_that_cannot_be_executed(place: Path) -> None:
    other = place / "other"
    other.mkdir()
    (other / "plain").write_text("#!/bin/sh\n")
    (other / "plain").chmod(0o755)
    assert found(("plain",), place, "bin:other").path == f"{other}/plain"


def test_what_is_missing_says_where_it_was_looked_for(place: Path) -> None:
    answer = refused(("nothing",), place)
    assert (answer.exit_code, answer.message) == (127, f"command not found: `nothing`; looked in {place}/bin")
    assert "and 4 more directories of PATH" in refused(("nothing",), place, ":".join(["bin"] * 10)).message


def test_what_must_not_be_executed_says_so(place: Path) -> None:
    assert refused(("plain",), place).exit_code == 126
    assert "chmod +x" in refused(("plain",), place).message
    assert "is a directory" in refused(("./bin/folder",), place).message
    assert refused(("folder",), place).exit_code == 127
    assert refused(("",), place).exit_code == 127
    assert refused(("./bad\0name",), place).exit_code in {126, 127}
