"""Copied text reaches a clipboard tool, or a private file."""

import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from tui_runner.model.state import Ready
from tui_runner.tui.clipboard import OSC52_BYTES, clipboard_tool, hand_to_tool, save

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer


def a_tool(directory: Path, name: str, script: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)


def saved_in(directory: Path) -> str:
    [saved] = directory.glob("tui-runner-copy-*")
    return saved.read_text(encoding="utf-8")


def test_a_tool_is_used_only_in_the_session_it_serves(tmp_path: Path) -> None:
    for name in ("wl-copy", "xclip"):
        a_tool(tmp_path, name, "true")
    path = str(tmp_path)
    assert clipboard_tool({"PATH": path}) is None
    assert clipboard_tool({"PATH": path, "WAYLAND_DISPLAY": "w"}) == (f"{path}/wl-copy",)
    assert clipboard_tool({"PATH": path, "DISPLAY": ":0"}) == (f"{path}/xclip", "-selection", "clipboard")
    a_tool(tmp_path, "pbcopy", "true")
    assert clipboard_tool({"PATH": path}) == (f"{path}/pbcopy",)


async def test_a_tool_gets_the_text_on_its_standard_input(tmp_path: Path) -> None:
    a_tool(tmp_path, "pbcopy", f'cat > "{tmp_path}/copied"')
    assert await hand_to_tool((f"{tmp_path}/pbcopy",), "héllo\nworld")
    assert (tmp_path / "copied").read_text(encoding="utf-8") == "héllo\nworld"


async def test_a_tool_that_fails_or_is_missing_is_no_tool(tmp_path: Path) -> None:
    a_tool(tmp_path, "pbcopy", "exit 1")
    assert not await hand_to_tool((f"{tmp_path}/pbcopy",), "text")
    assert not await hand_to_tool((f"{tmp_path}/missing",), "text")


def test_a_saved_copy_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = Path(save("text"))
    assert path.read_text(encoding="utf-8") == "text"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_what_is_too_long_for_a_terminal_is_saved_and_said(
    peer: "Peer", stage: "OpenStage", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    peer.add("api", Ready(attempt=1, pid=11), target=True)
    line = "x" * 99
    count = OSC52_BYTES // 100 + 10
    peer.write("api", f"{line}\n".encode() * count)
    async with stage(size=(160, 30)) as on_stage:
        await on_stage.until(lambda: on_stage.app.session.logs.feed("api").store.total == count)
        log = on_stage.main.pane.log_pane
        on_stage.main.selections = {log: Selection(Offset(0, 0), Offset(99, count - 1))}
        await on_stage.press("y")
        await on_stage.shows("saved to")
        assert not on_stage.app.clipboard
    assert saved_in(tmp_path).count("\n") == count - 1
