"""The commands of the screen, one file per group; `tui_runner.tui.commands` puts them together."""
