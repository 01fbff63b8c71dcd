"""What a user can set, as data. The defaults are what the screen does without a settings file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

LEAST_TREE_WIDTH, MOST_TREE_WIDTH = 16, 200
LEAST_TREE_HEIGHT, MOST_TREE_HEIGHT = 3, 100
TreeWidth = Annotated[int, msgspec.Meta(ge=LEAST_TREE_WIDTH, le=MOST_TREE_WIDTH)] | Literal["auto"]
TreeHeight = Annotated[int, msgspec.Meta(ge=LEAST_TREE_HEIGHT, le=MOST_TREE_HEIGHT)] | Literal["auto"]


class ThemeName(StrEnum):
    """The built-in looks."""

    AUTO = "auto"
    """Dark or light, as COLORFGBG says; dark when it says nothing."""
    DARK = "dark"
    LIGHT = "light"
    HIGH_CONTRAST = "high-contrast"
    HIGH_CONTRAST_LIGHT = "high-contrast-light"
    ANSI = "ansi"
    """The sixteen colours of the terminal, on its own background."""


class Colors(msgspec.Struct, frozen=True, kw_only=True):
    """Own colours over those of the theme, as `#rrggbb`; empty: that of the theme."""

    primary: str = ""
    secondary: str = ""
    accent: str = ""
    foreground: str = ""
    background: str = ""
    surface: str = ""
    panel: str = ""
    success: str = ""
    warning: str = ""
    error: str = ""

    def given(self) -> dict[str, str]:
        """Return those that are set, by name."""
        return {name: colour for name, colour in msgspec.structs.asdict(self).items() if colour}


class ThemeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How it looks."""

    name: ThemeName = ThemeName.AUTO
    colors: Colors = Colors()


class Choice(StrEnum):
    """Yes, no, or whatever suits the terminal."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


class Arrangement(StrEnum):
    """Where the tree is."""

    AUTO = "auto"
    """Beside the logs; above them where the terminal is narrow."""
    BESIDE = "beside"
    ABOVE = "above"


class Side(StrEnum):
    """On which side of the logs the tree is."""

    LEFT = "left"
    RIGHT = "right"


class ScreenSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is where, and with what it is drawn."""

    ascii: Choice = Choice.AUTO
    """Signs of ASCII only; auto: when the encoding of the terminal is not UTF-8."""
    mouse: bool = True
    layout: Arrangement = Arrangement.AUTO
    tree_side: Side = Side.LEFT
    tree_width: TreeWidth = "auto"
    """Cells; auto: as suits the terminal."""
    tree_height: TreeHeight = "auto"
    """Rows, when it is above the logs; auto: as suits the terminal."""
    remember: bool = True
    """Come back to a workspace as it was left: tree, panes and their tasks."""


class Desktop(StrEnum):
    """How a notification reaches the desktop."""

    NO = "no"
    AUTO = "auto"
    """By the escape sequence the terminal is known to understand, else by a program, else not."""
    OSC9 = "osc9"
    OSC777 = "osc777"
    OSC99 = "osc99"
    PROGRAM = "notify-send"
    """`notify-send`, on macOS `osascript`."""


class NotifySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to call somebody who looks elsewhere."""

    bell: bool = True
    desktop: Desktop = Desktop.NO
    on_failure: bool = True
    on_recovery: bool = True
    title: bool = True
    """Show the state of the run in the title of the terminal."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    keys: Mapping[str, tuple[str, ...]] = {}
    """Ids of commands, and the keys of each in Textual's names; those that are not named keep theirs."""
    theme: ThemeSettings = ThemeSettings()
    screen: ScreenSettings = ScreenSettings()
    notify: NotifySettings = NotifySettings()


DEFAULTS = Settings()
"""What applies without a settings file."""
