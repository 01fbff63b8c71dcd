"""The colours: one calm dark and one light theme, and how to choose. Widgets name meanings, never colours."""

from textual.theme import Theme

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
)
THEMES = (DARK, LIGHT)


def theme_for(colorfgbg: str) -> str:
    """Return the name of the theme that suits a terminal, from the value of COLORFGBG; dark when it says nothing.

    The variable ends with the number of the background colour: 7 and 15 are the light ones.
    """
    return LIGHT.name if colorfgbg.rpartition(";")[2] in {"7", "15"} else DARK.name
