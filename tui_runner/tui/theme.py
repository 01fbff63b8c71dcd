"""The colours: calm ones, strong ones, those of the terminal, and how to choose. Widgets name meanings, never colours."""

from dataclasses import replace
from typing import Any, assert_never

from rich.terminal_theme import TerminalTheme
from textual.theme import Theme

from tui_runner.tui.settings.settings import ThemeName, ThemeSettings

DARK = Theme(
    name="tui-runner-dark",
    primary="#7aa2c4",
    secondary="#8fa3b8",
    accent="#b39ddb",
    foreground="#d6dbe1",
    background="#14171b",
    surface="#181c21",
    panel="#232931",
    success="#7fb88a",
    warning="#d9b26a",
    error="#e0757a",
    dark=True,
    variables={"chip-foreground": "#e8cf9a", "chip-background": "#4a4232"},
)
LIGHT = Theme(
    name="tui-runner-light",
    primary="#2f6690",
    secondary="#4f6475",
    accent="#6a4fa3",
    foreground="#22272d",
    background="#f6f7f8",
    surface="#ffffff",
    panel="#e6e9ed",
    success="#2c7a44",
    warning="#8f6400",
    error="#b3363c",
    dark=False,
    variables={"chip-foreground": "#5a3f00", "chip-background": "#e9dcbc"},
)
HIGH_CONTRAST = Theme(
    name="tui-runner-high-contrast",
    primary="#66c2ff",
    secondary="#d0d0d0",
    accent="#d7afff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#262626",
    success="#5fff87",
    warning="#ffd75f",
    error="#ff7070",
    dark=True,
    text_alpha=1.0,
    variables={"chip-foreground": "#000000", "chip-background": "#ffd75f", "text-muted": "#d8d8d8"},
)
HIGH_CONTRAST_LIGHT = Theme(
    name="tui-runner-high-contrast-light",
    primary="#003e8a",
    secondary="#303030",
    accent="#5b1f99",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#dcdcdc",
    success="#00561a",
    warning="#6b4300",
    error="#9c0010",
    dark=False,
    text_alpha=1.0,
    variables={"chip-foreground": "#ffffff", "chip-background": "#6b4300", "text-muted": "#303030"},
)
ANSI = Theme(
    name="tui-runner-ansi",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    dark=True,
    variables={
        "chip-foreground": "ansi_black",
        "chip-background": "ansi_yellow",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_bright_white",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_bright_white",
    },
)
ANSI_CSS = """
DagTree:ansi .dag-tree--cursor, RowList:ansi .row-list--cursor, LayerGraph:ansi .layer-graph--cursor {
    background: ansi_blue; color: ansi_bright_white;
}
DagTree:ansi .dag-tree--twin, LayerGraph:ansi .layer-graph--related {
    background: ansi_bright_black; color: ansi_bright_white;
}
TaskPane.-current .pane-title:ansi, Overview .overview-title:ansi { background: ansi_blue; color: ansi_bright_white; }
TaskPane.-typing .pane-title:ansi { background: ansi_yellow; color: ansi_black; }
FailurePanel:ansi { background: ansi_default; }
LogView:ansi .log-view--match { background: ansi_yellow; color: ansi_black; }
LogView:ansi .log-view--current { background: ansi_green; color: ansi_black; }
LogView:ansi:nocolor .log-view--current { text-style: bold underline; }
LogView:ansi .log-view--pointed { background: ansi_blue; color: ansi_bright_white; }
"""
"""The sixteen colours cannot be mixed: where a theme would tint the ground, both colours are chosen."""
CHILDREN_ON_DARK = TerminalTheme(
    (24, 28, 33),
    (214, 219, 225),
    [
        (40, 46, 54),
        (235, 120, 124),
        (134, 194, 120),
        (222, 178, 92),
        (112, 166, 232),
        (205, 140, 218),
        (92, 190, 200),
        (214, 219, 225),
    ],
    [
        (138, 147, 158),
        (255, 146, 148),
        (162, 220, 148),
        (244, 206, 124),
        (146, 192, 250),
        (228, 170, 240),
        (128, 218, 226),
        (255, 255, 255),
    ],
)
"""What the sixteen colours look like that tasks print, on dark themes: each told from the others and from the ground."""
CHILDREN_ON_LIGHT = TerminalTheme(
    (255, 255, 255),
    (34, 39, 45),
    [
        (0, 0, 0),
        (176, 42, 48),
        (46, 125, 50),
        (133, 90, 0),
        (28, 88, 172),
        (134, 48, 150),
        (0, 108, 124),
        (116, 122, 130),
    ],
    [
        (98, 105, 114),
        (205, 40, 48),
        (30, 126, 52),
        (148, 96, 0),
        (30, 102, 210),
        (158, 52, 178),
        (0, 118, 140),
        (34, 39, 45),
    ],
)
"""The same on light themes; white is dark there, as on terminals that are light."""
OWN_NAME = "tui-runner-own"
"""Name of a theme with colours of the user's."""


def theme_for(settings: ThemeSettings, colorfgbg: str) -> Theme:
    """Return the theme of these settings; `colorfgbg` is the value of COLORFGBG, empty when there is none."""
    theme = _built_in(settings.name, colorfgbg)
    colors: dict[str, Any] = dict(settings.colors.given())  # Any: the fields of a theme have other types too
    if not colors:
        return theme
    variables = {
        name: value for name, value in theme.variables.items() if "foreground" not in colors or name != "text-muted"
    }
    return replace(theme, name=OWN_NAME, variables=variables, **colors)


def _built_in(name: ThemeName, colorfgbg: str) -> Theme:
    match name:
        case ThemeName.AUTO:
            return LIGHT if _is_light(colorfgbg) else DARK
        case ThemeName.DARK:
            return DARK
        case ThemeName.LIGHT:
            return LIGHT
        case ThemeName.HIGH_CONTRAST:
            return HIGH_CONTRAST
        case ThemeName.HIGH_CONTRAST_LIGHT:
            return HIGH_CONTRAST_LIGHT
        case ThemeName.ANSI:
            return ANSI
        case _:
            assert_never(name)


def _is_light(colorfgbg: str) -> bool:
    """Tell whether the variable, which ends with the number of the background colour, says that this one is light."""
    return colorfgbg.rpartition(";")[2] in {"7", "15"}
