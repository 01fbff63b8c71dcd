"""Noticing changed files and telling which tasks they concern."""
