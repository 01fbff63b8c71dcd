"""The version of this program, as a constant: reading package metadata costs more than starting does."""

VERSION = "0.1.0"
"""Equal to the version in pyproject.toml; a test compares them."""
