"""The terminal app: screens, commands, theme. It never runs a user's definitions."""
