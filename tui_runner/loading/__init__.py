"""Finding and importing the user's pipeline.py."""
