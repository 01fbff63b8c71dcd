"""Writing the first pipeline.py."""

import ast
from pathlib import Path

import pytest

import tui_runner
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.loading.template import TEMPLATE, write_template


def test_the_file_is_written_whole_and_alone(tmp_path: Path) -> None:
    assert write_template(tmp_path) == tmp_path / "pipeline.py"
    assert (tmp_path / "pipeline.py").read_text(encoding="utf-8") == TEMPLATE
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipeline.py"]


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "pipeline.py").write_text("mine", encoding="utf-8")
    with pytest.raises(DefinitionError, match="left as it is"):
        write_template(tmp_path)
    assert (tmp_path / "pipeline.py").read_text(encoding="utf-8") == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipeline.py"]


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "pipeline.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(DefinitionError):
        write_template(tmp_path)
    assert not (tmp_path / "elsewhere.py").exists()


def test_the_template_uses_public_names_only() -> None:
    imports = [node for node in ast.walk(ast.parse(TEMPLATE)) if isinstance(node, ast.ImportFrom | ast.Import)]
    assert [node.module for node in imports if isinstance(node, ast.ImportFrom)] == ["tui_runner"]
    assert {alias.name for node in imports for alias in node.names} <= set(tui_runner.__all__)
