"""Which program opens what; nothing a child prints becomes an option of it."""

from pathlib import Path

import pytest

from tui_runner.tui.opening import editor_command, existing_file, pager_command, web_command
from widgets.reference import FileReference

AT = FileReference(path="a.py", line=12, column=3)


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        ("vim", ("vim", "+12", "/x/a.py")),
        ("/usr/bin/nvim -p", ("/usr/bin/nvim", "-p", "+12", "/x/a.py")),
        ("code --wait", ("code", "--wait", "--goto", "/x/a.py:12:3")),
        ("hx", ("hx", "/x/a.py:12:3")),
        ("my-editor", ("my-editor", "/x/a.py")),
    ],
)
def test_editors_are_told_the_line_in_their_own_way(editor: str, command: tuple[str, ...]) -> None:
    assert editor_command({"EDITOR": editor}, Path("/x/a.py"), AT) == command


def test_visual_goes_before_editor_and_unreadable_ones_are_passed_by() -> None:
    assert editor_command({"VISUAL": "vim", "EDITOR": "nano"}, Path("/x"), AT) == ("vim", "+12", "/x")
    assert editor_command({"VISUAL": "vim 'x", "EDITOR": "nano"}, Path("/x"), AT) == ("nano", "+12", "/x")


def test_without_any_program_there_is_no_command(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    assert editor_command(nothing, Path("/x"), AT) is None
    assert pager_command(nothing, "/x") is None
    assert web_command(nothing, "http://e.com") is None


def test_less_shows_colours_and_begins_at_the_end() -> None:
    assert pager_command({"PAGER": "less -S"}, "/x.log") == ("less", "-S", "-R", "+G", "/x.log")
    assert pager_command({"PAGER": "bat"}, "/x.log") == ("bat", "/x.log")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "--help", "javascript:x", "HTTP:x", ""])
def test_only_web_pages_are_opened(url: str, tmp_path: Path) -> None:
    opener = tmp_path / "xdg-open"
    opener.touch(mode=0o755)
    assert web_command({"PATH": str(tmp_path)}, url) is None


def test_files_are_looked_for_where_the_task_runs_then_in_the_root(tmp_path: Path) -> None:
    for name in ("api", "root"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "both.py").touch()
    (tmp_path / "root" / "one.py").touch()
    where = (str(tmp_path / "api"), str(tmp_path / "root"))
    assert existing_file(FileReference(path="both.py", line=1), where) == tmp_path / "api" / "both.py"
    assert existing_file(FileReference(path="one.py", line=1), where) == tmp_path / "root" / "one.py"
    assert existing_file(FileReference(path=str(tmp_path / "root" / "one.py"), line=1), where) is not None
    for path in ("none.py", "", "a\0b", "~nobody-of-this-name/x.py", "."):
        assert existing_file(FileReference(path=path, line=1), where) is None
