"""Settings at work: keys, theme, problems on the screen, and the file in the editor."""

import asyncio
import stat
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui_runner.model.state import Ready
from tui_runner.tui.settings.reading import Reading, read_settings

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage


@pytest.fixture(name="config")
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the settings of the test are looked for; there is no such file yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "config" / "tui-runner" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def with_settings(stage: "OpenStage", config: Path, text: str) -> AbstractAsyncContextManager["Stage"]:
    config.write_text(text, encoding="utf-8")
    return stage(settings=read_settings(config))


async def test_a_command_is_on_the_key_the_user_wants_and_not_on_the_old_one(
    peer: "Peer", stage: "OpenStage", config: Path
) -> None:
    peer.add("api", Ready(attempt=1, pid=4))
    async with with_settings(stage, config, '[keys]\nrestart = "ctrl+t"\n') as on_stage:
        await on_stage.shows("Ctrl-T restart")
        await on_stage.press("r", "ctrl+t")
        await peer.until(lambda: ("restart", "api") in peer.asked)
        assert peer.asked.count(("restart", "api")) == 1
        await on_stage.press("question_mark")
        await on_stage.shows("Ctrl-T", "Restart the selected task;")


async def test_a_command_without_a_key_is_still_in_the_palette(peer: "Peer", stage: "OpenStage", config: Path) -> None:
    peer.add("api", Ready(attempt=1, pid=4))
    async with with_settings(stage, config, "[keys]\nrestart = []\n") as on_stage:
        assert "r restart" not in on_stage.text()
        await on_stage.press("colon", *"restart")
        await on_stage.shows("Restart")
        await on_stage.press("down", "enter")
        await peer.until(lambda: bool(peer.asked))
        assert peer.asked[0][0].startswith("restart")


async def test_problems_cover_the_screen_until_they_were_read(peer: "Peer", stage: "OpenStage", config: Path) -> None:
    peer.add("api", Ready(attempt=1, pid=4))
    text = '[keys]\nrestrat = "x"\nstop_or_start = "ctrl+g"\n'
    async with with_settings(stage, config, text) as on_stage:
        await on_stage.shows("One thing is wrong in the settings", "config.toml:2", "did you mean `restart`")
        await on_stage.press("escape")
        await on_stage.shows("Ctrl-G stop")


@pytest.mark.usefixtures("config")
async def test_settings_are_edited_and_apply_when_the_editor_ends(
    peer: "Peer", stage: "OpenStage", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/before\nprintf \'[keys]\\nrestart = "ctrl+t"\\n\' > "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", str(editor))
    peer.add("api", Ready(attempt=1, pid=4))

    async def lend(command: tuple[str, ...]) -> str:
        process = await asyncio.create_subprocess_exec(*command)
        return "" if await process.wait() == 0 else "failed"

    async with stage() as on_stage:
        monkeypatch.setattr(on_stage.app, "lend_terminal", lend)
        await on_stage.press("comma")
        await on_stage.shows("settings taken")
        assert (tmp_path / "before").read_text(encoding="utf-8").startswith("# Settings of the screen")
        await on_stage.press("ctrl+t")
        await peer.until(lambda: ("restart", "api") in peer.asked)


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast", "high-contrast-light", "ansi"])
async def test_each_theme_can_be_had(peer: "Peer", stage: "OpenStage", config: Path, name: str) -> None:
    peer.add("api", Ready(attempt=1, pid=4))
    async with with_settings(stage, config, f'[theme]\nname = "{name}"\n') as on_stage:
        assert on_stage.app.theme == f"tui-runner-{name}"
        await on_stage.shows("api")


async def test_own_colors_go_over_those_of_the_theme(peer: "Peer", stage: "OpenStage", config: Path) -> None:
    peer.add("api", Ready(attempt=1, pid=4))
    text = '[theme]\nname = "light"\n[theme.colors]\nsuccess = "#123456"\n'
    async with with_settings(stage, config, text) as on_stage:
        theme = on_stage.app.current_theme
        assert (theme.success, theme.dark) == ("#123456", False)


def test_nothing_set_is_no_problem(config: Path) -> None:
    assert read_settings(config) == Reading(path=config)
