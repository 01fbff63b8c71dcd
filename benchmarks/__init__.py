"""Measures the project beside its peers: `python -m benchmarks` prints one table. Never part of the tests."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The terminal that the tests look at is the one that is measured with.
sys.path.insert(0, str(ROOT / "tests" / "support"))
