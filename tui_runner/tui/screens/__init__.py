"""Screens: the main one, and the few that come above it."""
