"""The settings file: what is right applies, and everything that is wrong is told with its line and a way on."""

import re
from pathlib import Path

import msgspec
import pytest
from textual.keys import _character_to_key

from tui_runner.errors.problem import Problem
from tui_runner.errors.render import render_problems
from tui_runner.tui.commands import COMMAND_BY_ID, COMMANDS
from tui_runner.tui.settings.example import EXAMPLE, make_example
from tui_runner.tui.settings.key_map import FIXED, INNER_KEYS, with_keys
from tui_runner.tui.settings.key_names import shown_keys, textual_keys
from tui_runner.tui.settings.reading import Reading, read_settings, settings_path
from tui_runner.tui.settings.settings import (
    Choice,
    Colors,
    NotifySettings,
    ScreenSettings,
    Settings,
    ThemeName,
    ThemeSettings,
)
from tui_runner.tui.settings.toml_lines import lines_of
from widgets.dag_tree import DagTree
from widgets.log_pane import LogPane


def said(tmp_path: Path, text: str) -> Reading:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def places(problems: tuple[Problem, ...]) -> list[tuple[int, str, str]]:
    """Return line, message and hint of each problem."""
    return [(problem.site.line if problem.site else -1, problem.message, problem.help) for problem in problems]


def test_without_a_file_everything_is_as_ever(tmp_path: Path) -> None:
    reading = read_settings(tmp_path / "none" / "config.toml")
    assert (reading.found, reading.settings, reading.problems) == (False, Settings(), ())


def test_the_file_is_looked_for_where_the_desktop_says_else_in_the_home() -> None:
    assert settings_path({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}) == Path("/x/tui-runner/config.toml")
    for environ in ({"HOME": "/h"}, {"HOME": "/h", "XDG_CONFIG_HOME": "relative"}):
        assert settings_path(environ) == Path("/h/.config/tui-runner/config.toml")


def test_what_the_file_says_applies(tmp_path: Path) -> None:
    reading = said(
        tmp_path,
        '[keys]\nrestart = ["ctrl+y", "F7"]\nquit = []\n[theme]\nname = "light"\ncolors.error = "#a00"\n'
        "[screen]\nascii = true\ntree_width = 40\n[notify]\nbell = false\n",
    )
    assert reading.problems == ()
    settings = reading.settings
    assert settings.keys == {"restart": ("ctrl+y", "f7"), "quit": ()}
    assert (settings.theme.name, settings.theme.colors.given()) == (ThemeName.LIGHT, {"error": "#a00"})
    assert (settings.screen.ascii, settings.screen.tree_width, settings.notify.bell) == (Choice.YES, 40, False)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    reading = said(
        tmp_path,
        '[keys]\nrestrat = "r"\nzoom = "hyper+z"\nhelp = ["j",\n  "f1"]\n\n[theme]\nname = "drak"\n'
        '[theme.colors]\nerror = "red"\n[screen]\nmouse = "off"\ntree_width = 3\n[notfy]\nbell = true\n',
    )
    assert places(reading.problems) == [
        (2, "there is no command `restrat`", "did you mean `restart`?"),
        (
            3,
            "`hyper+z` is no key",
            'keys are written like "r", "R", "?", "ctrl+r", "alt+enter", "f2", "pageup"',
        ),
        (4, "`j` moves in the tree and in logs: `help` cannot have it", "choose another key"),
        (8, '`name` is `"drak"`', "did you mean `dark`?"),
        (10, "`red` is no color", 'colors are written like "#7aa2c4" or "#7ac"'),
        (12, '`mouse` is `"off"`', "it can be `true` or `false`, without quotes"),
        (13, "`tree_width` is `3`", 'it can be "auto", or a whole number from 16 to 200'),
        (14, "there is no section `notfy`", "did you mean `notify`?"),
    ]
    assert reading.settings == Settings()


def test_two_commands_on_one_key_are_both_named_and_keep_their_own(tmp_path: Path) -> None:
    reading = said(tmp_path, '[keys]\nrestart = "s"\nzoom = "ctrl+g"\nall_logs = "Ctrl-G"\nsplit = "ctrl+v"\n')
    assert places(reading.problems) == [
        (
            2,
            "`s` would be the key of both `restart` and `stop_or_start`",
            "give `stop_or_start` another key, or none: stop_or_start = []",
        ),
        (
            4,
            "`Ctrl-G` would be the key of both `all_logs` and `zoom`",
            "give `zoom` another key, or none: zoom = []",
        ),
    ]
    assert reading.settings.keys == {"split": ("ctrl+v",)}
    assert "config.toml:3" in render_problems(reading.problems)


def test_two_commands_can_change_places(tmp_path: Path) -> None:
    reading = said(tmp_path, '[keys]\nrestart = "s"\nstop_or_start = "r"\n')
    assert reading.problems == ()
    by_id = {command.id: command for command in with_keys(COMMANDS, reading.settings.keys)}
    assert (by_id["restart"].keys, by_id["stop_or_start"].shown) == (("s",), "r")


def test_what_depends_on_a_change_that_is_refused_is_refused_too(tmp_path: Path) -> None:
    reading = said(tmp_path, '[keys]\nstop_or_start = ["k"]\nrestart = "s"\n')
    assert len(reading.problems) == 1
    assert reading.settings.keys == {}


def test_the_way_out_keeps_its_key(tmp_path: Path) -> None:
    reading = said(tmp_path, "[keys]\ninterrupt = []\n")
    assert places(reading.problems) == [
        (2, "`interrupt` stays on Ctrl-C", "remove this line: it is the way out"),
    ]


def test_a_file_that_is_no_toml_is_told_with_its_line_and_nothing_applies(tmp_path: Path) -> None:
    reading = said(tmp_path, "[screen]\nmouse = off\n")
    (problem,) = reading.problems
    assert problem.site is not None
    assert (problem.site.line, problem.message) == (2, "this is no TOML: invalid value")
    (problem,) = said(tmp_path, '[screen]\nmouse = "').problems
    assert problem.site is not None
    assert problem.site.line == 2


@pytest.mark.parametrize("data", [b"\n\xff\xfe", b"#" * (1 << 18) + b"\n"], ids=["not UTF-8", "too large"])
def test_what_cannot_be_read_is_told_and_the_defaults_apply(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    reading = read_settings(path)
    assert len(reading.problems) == 1
    assert reading.settings == Settings()


def test_a_directory_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in read_settings(tmp_path).problems[0].message


def test_own_colors_do_not_go_with_those_of_the_terminal(tmp_path: Path) -> None:
    reading = said(tmp_path, '[theme]\nname = "ansi"\n[theme.colors]\nerror = "#a00"\n')
    assert [line for line, _, _ in places(reading.problems)] == [3]
    assert reading.settings.theme.name is ThemeName.ANSI
    assert reading.settings.theme.colors.given() == {}


def test_control_characters_of_the_file_do_not_reach_the_screen(tmp_path: Path) -> None:
    reading = said(tmp_path, '[keys]\n"a\\u001b]2;x\\u0007" = "r"\nrestart = "\\u001b[2J"\n')
    assert len(reading.problems) == 2
    assert render_problems(reading.problems).replace("\n", "").isprintable()


def test_lines_of_values_over_several_lines_of_quoted_keys_and_of_tables_in_line() -> None:
    text = '# x\n[a]\nb = """\nc = 1\n"""\n\n"d e" = [\n 1,\n]\nf.g = { h = 2 }\n[[i]]\nj = 1\n'
    assert lines_of(text) == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "d e"): 7,
        ("a", "f"): 10,
        ("a", "f", "g"): 10,
        ("a", "f", "g", "h"): 10,
        ("i",): 11,
        ("i", "j"): 12,
    }


@pytest.mark.parametrize(
    ("written", "names", "shown"),
    [
        ("r", ("r",), "r"),
        ("R", ("R", "shift+r"), "R"),
        ("shift+r", ("R", "shift+r"), "R"),
        ("Ctrl-R", ("ctrl+r",), "Ctrl-R"),
        ("C-x", ("ctrl+x",), "Ctrl-X"),
        ("alt+enter", ("alt+enter",), "Alt-Enter"),
        ("ctrl+-", ("ctrl+minus",), "Ctrl--"),
        ("+", ("plus",), "+"),
        ("pgdn", ("pagedown",), "PgDn"),
        ("F2", ("f2",), "F2"),
        (" ", ("space",), "Space"),
        ("question_mark", ("question_mark",), "?"),
    ],
)
def test_keys_are_understood_as_people_write_them(written: str, names: tuple[str, ...], shown: str) -> None:
    assert textual_keys(written) == names
    assert shown_keys(names) == shown


@pytest.mark.parametrize("written", ["", "f0", "f25", "rr", "ctrl+", "ctrl+ctrl+a", "hyper+a", "\x1b", "g g"])
def test_what_is_no_key_is_none(written: str) -> None:
    assert textual_keys(written) is None


def test_signs_have_the_names_the_screen_hears_them_by() -> None:
    for sign in map(chr, range(33, 127)):
        if not sign.isalnum():
            assert textual_keys(sign) == (_character_to_key(sign),)


def test_shown_keys_of_all_commands_lead_back_to_them() -> None:
    for command in COMMANDS:
        for shown in command.shown.split(" "):
            assert set(textual_keys(shown) or ("none",)) <= set(command.keys), shown


def test_inner_keys_are_those_of_tree_and_logs_that_no_command_has() -> None:
    inner = {
        key
        for widget in (DagTree, LogPane)
        for binding in widget.BINDINGS
        for key in binding.key.split(",")  # type: ignore[union-attr]  # Bindings all
    }
    assert inner - {key for command in COMMANDS for key in command.keys} == INNER_KEYS


def test_the_example_is_made_once_private_and_means_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    make_example(path)
    assert path.stat().st_mode & 0o077 == 0
    assert read_settings(path) == Reading(path=path, found=True)
    path.write_text("[screen]\nmouse = false\n", encoding="utf-8")
    make_example(path)
    assert not read_settings(path).settings.screen.mouse


def test_everything_in_the_example_is_right_and_the_default_when_the_comments_are_taken_away(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("# ") if line.startswith("# ") and " = " in line and not line.endswith("away.") else line
        for line in EXAMPLE.splitlines()
    ]
    reading = said(tmp_path, "\n".join(lines))
    assert reading.problems == ()
    assert reading.settings.screen == Settings().screen
    assert reading.settings.notify == Settings().notify
    assert reading.settings.theme.name is Settings().theme.name
    assert reading.settings.keys["restart"] == COMMAND_BY_ID["restart"].keys


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "settings.md").read_text(encoding="utf-8")


def test_the_guide_names_every_command_that_can_have_other_keys_and_every_setting() -> None:
    sections = (ThemeSettings, Colors, ScreenSettings, NotifySettings)
    names = {command.id for command in COMMANDS} - set(FIXED)
    names |= {field.encode_name for section in sections for field in msgspec.structs.fields(section)}
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE and f"theme.{name}" not in PAGE] == []


def test_the_settings_in_the_guide_are_right(tmp_path: Path) -> None:
    [block] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert said(tmp_path, block).problems == ()
