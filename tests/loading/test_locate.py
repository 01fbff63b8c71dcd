"""Finding pipeline.py."""

import os
from pathlib import Path

import pytest

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.loading.locate import locate_pipeline


def refusal(start: Path, *, directory: Path | None = None, file: Path | None = None) -> Problem:
    with pytest.raises(DefinitionError) as caught:
        locate_pipeline(start, directory=directory, file=file)
    (problem,) = caught.value.problems
    assert problem.kind is ProblemKind.NO_PIPELINE_FILE
    return problem


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.py").touch()
    (tmp_path / "apps" / "web").mkdir(parents=True)
    return tmp_path


def test_the_file_is_found_from_any_directory_below(project: Path) -> None:
    assert locate_pipeline(project) == project / "pipeline.py"
    assert locate_pipeline(project / "apps" / "web") == project / "pipeline.py"


def test_the_nearest_file_wins(project: Path) -> None:
    nearer = project / "apps" / "pipeline.py"
    nearer.touch()
    assert locate_pipeline(project / "apps" / "web") == nearer


def test_another_directory_can_be_given(project: Path) -> None:
    assert locate_pipeline(project / "apps", directory=Path("web")) == project / "pipeline.py"
    assert refusal(project, directory=Path("nowhere")).message == "`nowhere` is not a directory"


def test_another_file_can_be_given_relative_to_the_directory(project: Path) -> None:
    other = project / "apps" / "ci.py"
    other.touch()
    assert locate_pipeline(project, file=Path("apps/ci.py")) == other
    assert locate_pipeline(project, directory=Path("apps"), file=Path("ci.py")) == other


def test_a_link_keeps_its_own_directory_as_root(project: Path) -> None:
    link = project / "apps" / "pipeline.py"
    link.symlink_to(project / "pipeline.py")
    assert locate_pipeline(project / "apps") == link
    assert locate_pipeline(project, file=Path("apps/pipeline.py")) == link


def test_a_directory_reached_through_a_link_is_one_and_the_same_root(project: Path) -> None:
    (project / "short").symlink_to(project / "apps")
    (project / "apps" / "pipeline.py").touch()
    assert locate_pipeline(project, directory=Path("short")) == project / "apps" / "pipeline.py"


def test_a_file_that_is_not_there_or_is_a_directory_is_refused(project: Path) -> None:
    assert refusal(project, file=Path("no.py")).message == f"there is no file `no.py`: looked for {project / 'no.py'}"
    assert refusal(project, file=Path("apps")).help == "look from there with `-C apps`"


def test_without_a_file_every_directory_looked_in_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    problem = refusal(home / "work")
    assert problem.message.startswith(f"there is no `pipeline.py` here: looked in ~/work, ~, {tmp_path}, ")
    assert problem.message.endswith(", /")
    assert "tui-runner init" in problem.help


def test_a_directory_called_pipeline_py_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "pipeline.py").mkdir()
    refusal(tmp_path)


def test_a_file_of_another_user_in_a_directory_for_everybody_is_not_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.chmod(0o1777)
    assert locate_pipeline(project / "apps") == project / "pipeline.py", "our own file is fine there"
    if os.getuid() == 0:
        os.chown(project / "pipeline.py", 54321, -1)
    else:
        monkeypatch.setattr("os.getuid", lambda: 54321)
    assert "belongs to another user" in refusal(project / "apps").message
    assert locate_pipeline(project, file=Path("pipeline.py")) == project / "pipeline.py"
