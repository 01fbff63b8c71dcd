"""Cached results of tasks: what they depend on, where they are kept, how they come back."""
