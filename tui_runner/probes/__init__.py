"""Performing readiness probes."""
